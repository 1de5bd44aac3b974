{#- One row that measures a feature of a source: rows, rows that hold it, rows that a customer owns,
    customers who have it, and the last event. `weight` counts the rows that a row stands for. -#}
{% macro measured_feature(source, feature, relation, is_filled, at, weight='1') -%}
    select
        '{{ source }}' as source,
        '{{ feature }}' as feature,
        {{ saydo.whole('coalesce(sum(' ~ weight ~ '), 0)') }} as row_count,
        {{ saydo.whole('coalesce(sum(case when ' ~ is_filled ~ ' then ' ~ weight ~ ' else 0 end), 0)') }} as filled_count,
        {{ saydo.whole(
            "coalesce(sum(case when customer_id <> '" ~ saydo.unknown_customer_id() ~ "' then " ~ weight ~ " else 0 end), 0)"
        ) }} as matched_count,
        count(distinct case
            when {{ is_filled }} and customer_id <> '{{ saydo.unknown_customer_id() }}' then customer_id
        end) as customer_count,
        max({{ at }}) as last_event_at

    from {{ relation }}
{%- endmacro %}
