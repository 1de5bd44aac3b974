{#- Sets of days of one month, as the bits of an integer: the union of two sets is exact whatever was
    summed before, where a count of distinct days cannot be added up. -#}
{% macro day_set(day) -%}
    {{- return(adapter.dispatch('day_set', 'saydo')(day)) -}}
{%- endmacro %}

{% macro duckdb__day_set(day) -%} bit_or(cast(1 as bigint) << (extract(day from {{ day }}) - 1)) {%- endmacro %}

{% macro spark__day_set(day) -%} bit_or(shiftleft(cast(1 as bigint), extract(day from {{ day }}) - 1)) {%- endmacro %}

{% macro union_day_sets(day_set) -%} bit_or({{ day_set }}) {%- endmacro %}

{% macro count_days(day_set) -%} cast(bit_count({{ day_set }}) as bigint) {%- endmacro %}
