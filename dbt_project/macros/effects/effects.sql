{#- Effects, their errors and what they are compared with: nine decimals, which estimates are rounded to. -#}
{% macro effect(expression) -%}
    {{ saydo.rounded('cast(' ~ expression ~ ' as double)', 9, limit='999999999') }}
{%- endmacro %}

{#- p-values and shares, doubles. -#}
{% macro share(expression) -%}
    {{ saydo.rounded(expression, 6, 9) }}
{%- endmacro %}

{#- Rows (customer_id, scenario_code, kpi_value), one for each KPI of a month. -#}
{% macro kpi_rows(relation) -%}
    {%- for kpi in var('kpis') %}
    select
        customer_id,
        'kpi_{{ kpi.name }}' as scenario_code,
        kpi_{{ kpi.name }} as kpi_value

    from {{ relation }}

    where kpi_{{ kpi.name }} is not null
    {{- '\n\n    union all\n' if not loop.last }}
    {%- else %}
    select
        customer_id,
        'none' as scenario_code,
        cast(null as decimal(18, 6)) as kpi_value

    from {{ relation }}

    where false
    {%- endfor %}
{%- endmacro %}
