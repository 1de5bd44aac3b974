{#- Money of the house: sums are cast back, since engines widen them. -#}
{% macro money(expression) -%}
    cast({{ expression }} as decimal(18, 2))
{%- endmacro %}

{#- Measures and scores: exact, so that a sum does not depend on the order of its rows. -#}
{% macro number(expression) -%}
    cast({{ expression }} as decimal(18, 6))
{%- endmacro %}

{% macro whole(expression) -%}
    cast({{ expression }} as bigint)
{%- endmacro %}

{% macro text(expression) -%}
    cast({{ expression }} as {{ dbt.type_string() }})
{%- endmacro %}
