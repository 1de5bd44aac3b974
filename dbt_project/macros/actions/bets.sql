{#- First day of the month so many months before the last one that is over at the end of the as-of day. -#}
{% macro bet_month(months_before) -%}
    cast({{ dbt.dateadd(
        'month',
        '-1 * (' ~ months_before ~ ' + 1)',
        saydo.month_start(dbt.dateadd('day', 1, saydo.as_of_date()))
    ) }} as date)
{%- endmacro %}

{#- What came of a customer over the months after the cut-off, up to the last: the columns that an outcome may read, as
    saydo.config.bets lists them. Aggregates over one customer's months from the cut-off on. -#}
{% macro bet_outcomes(cut_off, last_month) -%}
    max(case when month_start_date > {{ cut_off }} and is_churned then 1 else 0 end) = 1 as is_churned_after,
    max(case when month_start_date = {{ last_month }} and is_active then 1 else 0 end) = 1 as is_active_after,
    sum(case when month_start_date = {{ last_month }} then closing_mrr else 0 end) as closing_mrr_after,
    sum(
        case month_start_date when {{ last_month }} then closing_mrr when {{ cut_off }} then -closing_mrr else 0 end
    ) as mrr_change_after
    {%- for name in ['revenue', 'new_service_count', 'contact_count', 'complaint_count', 'fault_day_count'] %},
    sum(case when month_start_date > {{ cut_off }} then coalesce({{ name }}, 0) else 0 end) as {{ name }}_after
    {%- endfor %}
{%- endmacro %}

{#- Chances of overlap, which may be far below what `share` keeps: twelve decimals. -#}
{% macro chance(expression) -%}
    {{ saydo.rounded(expression, 12) }}
{%- endmacro %}
