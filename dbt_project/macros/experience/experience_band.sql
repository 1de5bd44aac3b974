{#- Band of an experience score, 0-100; no score, no band. -#}
{% macro experience_band(score) -%}
    {%- set policy = var('policy').profile -%}
    case
        when {{ score }} < {{ policy.poor_experience_below }} then 'poor'
        when {{ score }} >= {{ policy.good_experience_from }} then 'good'
        when {{ score }} is not null then 'fair'
    end
{%- endmacro %}
