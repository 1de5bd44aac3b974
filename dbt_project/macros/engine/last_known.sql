{#- The last value of a window's rows that is not null. Engines are told to pass nulls over in ways of their own. -#}
{% macro last_known(expression) -%}
    {{- return(adapter.dispatch('last_known', 'saydo')(expression)) -}}
{%- endmacro %}

{% macro duckdb__last_known(expression) -%}
    last_value({{ expression }} ignore nulls)
{%- endmacro %}

{% macro spark__last_known(expression) -%}
    last_value({{ expression }}, true)
{%- endmacro %}
