{#- Whole months from one day to another. -#}
{% macro whole_months(first_day, last_day) -%}
    {{ dbt.datediff(first_day, last_day, 'month') }}
    - case when extract(day from {{ last_day }}) < extract(day from {{ first_day }}) then 1 else 0 end
{%- endmacro %}

{#- Band of whole months, named after the edges of the policy; before the first month there is none. -#}
{% macro tenure_band(months) -%}
    {%- set edges = var('policy').profile.tenure_band_months -%}
    case
        when {{ months }} < 0 then null
        when {{ months }} < {{ edges[0] }} then 'under_{{ edges[0] }}_months'
        {%- for edge in edges[1:] %}
        when {{ months }} < {{ edge }} then '{{ edges[loop.index0] }}_to_{{ edge - 1 }}_months'
        {%- endfor %}
        when {{ months }} >= {{ edges[-1] }} then '{{ edges[-1] }}_months_and_over'
    end
{%- endmacro %}
