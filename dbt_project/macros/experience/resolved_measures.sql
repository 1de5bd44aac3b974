{#- Select list of every measure's value, means divided out; `relation` holds the measures' parts, `outages`
    the minutes without service as a customer lived them, which its identifiers' minutes do not add up to.
    They stand for the sum, unless outage_minutes was declared to be rolled up in another way. -#}
{% macro resolved_measures(relation, outages) -%}
    {%- for measure in var('measures') %}
    {%- if measure.name == 'outage_minutes' and measure.aggregate == 'sum' %}
    case
        when {{ relation }}.outage_minutes is not null
            then {{ saydo.number('coalesce(' ~ outages ~ '.outage_minutes, 0)') }}
    end as outage_minutes,
    {%- else %}
    {{ saydo.resolve_measure(measure, relation) }} as {{ measure.name }},
    {%- endif %}
    {%- endfor %}
{%- endmacro %}
