{#- Windows that end with the as-of day: the first month of a window is read from its first day on,
    the months after it are taken from the months already summed. -#}

{#- First day of the window of so many days, as text. -#}
{% macro window_start(days) -%}
    {%- set as_of = modules.datetime.date.fromisoformat(var('as_of_date')) -%}
    {{- return((as_of - modules.datetime.timedelta(days=days - 1)).isoformat()) -}}
{%- endmacro %}

{#- First day of the month in which the window begins, as text. -#}
{% macro window_month(days) -%}
    {{- return(saydo.window_start(days)[:7] ~ '-01') -}}
{%- endmacro %}
