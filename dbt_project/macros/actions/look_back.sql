{#- The days of which faults are still decided, up to the as-of day, and the use before them that tells a customer's site. -#}

{#- How many days before the as-of day each of them lies. -#}
{% macro days_looked_back() -%}
    {{- return(range(var('policy').recovery.look_back_days)) -}}
{%- endmacro %}

{#- Days before a day whose use says which site is a customer's. -#}
{% macro usual_site_days() -%}
    {{- return(28) -}}
{%- endmacro %}

{#- First days, as text, of the months that so many days up to the as-of day lie in. -#}
{% macro months_of_days(days) -%}
    {%- set day = modules.datetime.timedelta(days=1) -%}
    {%- set last = modules.datetime.date.fromisoformat(var('as_of_date')) -%}
    {%- set months = [] -%}
    {%- for back in range(days) -%}
        {%- do months.append((last - back * day).replace(day=1).isoformat()) -%}
    {%- endfor -%}
    {{- return(months | unique | sort) -}}
{%- endmacro %}
