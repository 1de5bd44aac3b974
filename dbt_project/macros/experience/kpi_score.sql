{#- Scores of the configured KPIs, over a relation that holds every measure and `day_count`. -#}

{#- Select list that goes after another column: `<kpi>_kpi_score`, 0 (poor) to 100 (good), linear between; null where the KPI's
    denominators are zero or its measures unknown. -#}
{% macro kpi_scores() -%}
    {%- for kpi in var('kpis') -%}
    {%- set value = saydo.known_number(kpi.expression) -%}
    ,
    -- least and greatest pass over a null, and would make 0 of it.
    case
        when {{ value }} is not null
            then least(100, greatest(0, {{ saydo.quotient(
                '100 * (' ~ value ~ ' - ' ~ kpi.poor ~ ')', kpi.good ~ ' - (' ~ kpi.poor ~ ')'
            ) }}))
    end as {{ kpi.name }}_kpi_score
    {%- endfor %}
{%- endmacro %}

{#- Select list that goes after another column: the KPIs themselves as `kpi_<name>`, each in its own unit. -#}
{% macro kpi_values() -%}
    {%- for kpi in var('kpis') -%}
    ,
    {{ saydo.rounded(saydo.known_number(kpi.expression), 6, limit=saydo.largest_number()) }} as kpi_{{ kpi.name }}
    {%- endfor %}
{%- endmacro %}

{#- Those of `relation` as a select list that goes before another column. -#}
{% macro kpi_columns(relation) -%}
    {%- for kpi in var('kpis') %}
    {{ relation }}.kpi_{{ kpi.name }},
    {%- endfor %}
{%- endmacro %}

{#- Mean of the KPI scores that are known, by weight; null if none is. -#}
{% macro experience_score() -%}
    {%- if var('kpis') | length == 0 -%}
    cast(null as decimal(9, 4))
    {%- else -%}
    {%- set scores -%}
    {%- for kpi in var('kpis') %}
    {{- ' + ' if not loop.first }}coalesce({{ kpi.weight }} * {{ kpi.name }}_kpi_score, 0)
    {%- endfor %}
    {%- endset -%}
    {%- set weights -%}
    {%- for kpi in var('kpis') %}
    {{- ' + ' if not loop.first }}case when {{ kpi.name }}_kpi_score is null then 0 else {{ kpi.weight }} end
    {%- endfor %}
    {%- endset -%}
    {{ saydo.rounded(saydo.quotient(scores, weights), 4, 9) }}
    {%- endif -%}
{%- endmacro %}

{#- Name of the KPI with the lowest score; of equal ones, the first configured. -#}
{% macro worst_kpi() -%}
    {%- if var('kpis') | length == 0 -%}
    cast(null as {{ dbt.type_string() }})
    {%- else -%}
    case
        {%- for kpi in var('kpis') %}
        when
            {%- for other in var('kpis') %}
            {{ 'and ' if not loop.first }}coalesce({{ kpi.name }}_kpi_score, 101) <= coalesce({{ other.name }}_kpi_score, 101)
            {%- endfor %}
            and {{ kpi.name }}_kpi_score is not null
            then '{{ kpi.name }}'
        {%- endfor %}
    end
    {%- endif -%}
{%- endmacro %}

{#- An expression of the user's own, which saydo.build has put in doubles; null where it is no number that ends. -#}
{% macro known_number(expression) -%}
    case when abs({{ expression }}) <= 1.7976931348623157e308 then {{ expression }} end
{%- endmacro %}
