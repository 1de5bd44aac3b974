{#- One row per figure of a table, from rows of one per key: the name of the table, the CTE or model of
    its rows, its figures, and the columns of the key beside the month. Without a month the figures are
    of the as-of day. -#}
{% macro listed_figures(table_name, relation, figures, has_month=true, key=[]) -%}
    select
        '{{ table_name }}' as table_name,
        names.column_name,
        {{ "coalesce(totals.segment_type, 'unknown')" if 'segment_type' in key else "'all'" }} as segment_type,
        {{ saydo.month_name('totals.month_start_date') if has_month else saydo.text(saydo.as_of_date()) }}
        {%- for column in key %}
        || '|' || coalesce(totals.{{ column }}, 'unknown')
        {%- endfor %} as key,
        {{ 'totals.month_start_date' if has_month else 'cast(null as date)' }} as month_start_date,
        case names.column_name
            {%- for figure in figures %}
            when '{{ figure }}' then {{ saydo.exact_number('totals.' ~ figure) }}
            {%- endfor %}
        end as value

    from {{ relation }} as totals

    cross join (
        {%- for figure in figures %}
        {{ 'union all ' if not loop.first }}select '{{ figure }}' as column_name
        {%- endfor %}
    ) as names
{%- endmacro %}
