{#- A month as the raw partitions are named: YYYY-MM. -#}
{% macro month_name(day) -%}
    substring(cast({{ day }} as {{ dbt.type_string() }}), 1, 7)
{%- endmacro %}
