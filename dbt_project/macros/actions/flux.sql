{#- The signals of flux, in the order in which int_flux_reasons_listed tells them. -#}
{% macro flux_signals() -%}
    {{- return([
        'contract_ending', 'plan_changed', 'usage_shift', 'moved_region', 'complained', 'band_fell', 'lapsed_add_on',
    ]) -}}
{%- endmacro %}

{#- Strength of what happened on a day of the last 30: 1 on the as-of day, and less by a thirtieth a day. -#}
{% macro recency(day) -%}
    1 - {{ saydo.quotient(dbt.datediff(day, saydo.as_of_date(), 'day'), 30) }}
{%- endmacro %}
