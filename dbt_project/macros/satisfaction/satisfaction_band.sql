{#- Band of a 0-10 satisfaction score; no score, no band. -#}
{% macro satisfaction_band(score) -%}
    {%- set policy = var('policy').satisfaction -%}
    case
        when {{ score }} < {{ policy.dissatisfied_below }} then 'dissatisfied'
        when {{ score }} >= {{ policy.fan_from }} then 'fan'
        when {{ score }} is not null then 'neutral'
    end
{%- endmacro %}

{#- Mean of scores as published: rounded once, at the end. One far off its scale is cut off at what the
    column can hold, for the gate to name. -#}
{% macro mean_score(expression) -%}
    {{ saydo.rounded(
        saydo.quotient('sum(' ~ expression ~ ')', 'count(' ~ expression ~ ')'), 4, 9, limit='99999.9999'
    ) }}
{%- endmacro %}

{#- Order of the bands, lowest first; no band, no rank. -#}
{% macro band_rank(band) -%}
    case {{ band }} when 'dissatisfied' then 1 when 'neutral' then 2 when 'fan' then 3 end
{%- endmacro %}
