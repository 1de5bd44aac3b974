{#- Days at whose end it is asked what customers have: two horizons before the as-of day, one before it, and itself.
    What follows on the first tells what goes with what, on the second it is judged, after the last it is hoped for. -#}
{% macro service_origins() -%}
    {%- set days = var('policy').next_services.horizon_days -%}
    {{- return([2 * days, days, 0]) -}}
{%- endmacro %}

{#- How codes of services are put together into one text. -#}
{% macro listed_services(column) -%}
    coalesce({{ dbt.listagg(column, "'|'", 'order by ' ~ column) }}, '')
{%- endmacro %}
