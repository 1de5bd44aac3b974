{#- Select list of every measure's value, means divided out; `relation` holds the measures' parts. -#}
{% macro resolved_measures(relation) -%}
    {%- for measure in var('measures') %}
    {{ saydo.resolve_measure(measure, relation) }} as {{ measure.name }},
    {%- endfor %}
{%- endmacro %}
