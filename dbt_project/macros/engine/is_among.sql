{#- Predicate: the column is one of the keys of a small relation, which has it under the same name or as `key`.
    That the keys are compared with something else, too, lets DuckDB hand a filter of them to the scan, which
    then reads the other columns of few rows. -#}
{% macro is_among(column, relation, key=none) -%}
    {%- set key = 'among.' ~ (key or column).split('.')[-1] -%}
    {{ column }} in (select {{ key }} from {{ relation }} as among where {{ key }} >= '')
{%- endmacro %}
