{#- The calendar of the business: instants are stored in UTC, days are counted where people live. -#}

{#- Local wall-clock time of a UTC instant in the business zone. -#}
{% macro business_time(instant) -%}
    {{- return(adapter.dispatch('business_time', 'saydo')(instant)) -}}
{%- endmacro %}

{% macro duckdb__business_time(instant) -%}
    {%- set zone = var('business_timezone') -%}
    {%- if zone == 'UTC' -%} {{ instant }}
    {%- else -%} (({{ instant }} at time zone 'UTC') at time zone '{{ zone }}')
    {%- endif -%}
{%- endmacro %}

{% macro spark__business_time(instant) -%}
    convert_timezone('UTC', '{{ var("business_timezone") }}', {{ instant }})
{%- endmacro %}

{#- UTC instant at which a day of the business begins: what stands for a day that is known without its
    time. Where clocks go back over midnight, the first of the two. -#}
{% macro start_of_day(day) -%}
    {{- return(adapter.dispatch('start_of_day', 'saydo')(day)) -}}
{%- endmacro %}

{% macro duckdb__start_of_day(day) -%}
    {%- set zone = var('business_timezone') -%}
    {%- set midnight = 'cast(' ~ day ~ ' as timestamp)' -%}
    {%- if zone == 'UTC' -%} {{ midnight }}
    {%- else -%}
    {#- The engine reads a time that comes twice as the second one. -#}
    {%- set begins = "((" ~ midnight ~ " at time zone '" ~ zone ~ "') at time zone 'UTC')" -%}
    {%- set before = "(" ~ begins ~ " - interval 1 hour)" -%}
    case when {{ saydo.business_time(before) }} = {{ midnight }} then {{ before }} else {{ begins }} end
    {%- endif -%}
{%- endmacro %}

{#- Engines of the Java kind read a time that comes twice as the first one. -#}
{% macro spark__start_of_day(day) -%}
    convert_timezone('{{ var("business_timezone") }}', 'UTC', cast({{ day }} as timestamp))
{%- endmacro %}

{#- Calendar day of a UTC instant in the business zone. -#}
{% macro business_date(instant) -%}
    cast({{ saydo.business_time(instant) }} as date)
{%- endmacro %}

{#- First day of the calendar month of a UTC instant in the business zone. -#}
{% macro business_month(instant) -%}
    {{ saydo.month_start(saydo.business_date(instant)) }}
{%- endmacro %}

{#- First day of the month of a date. -#}
{% macro month_start(day) -%}
    cast({{ dbt.date_trunc('month', day) }} as date)
{%- endmacro %}

{#- Predicate: the month so many months after this one is not over at the end of the as-of day. -#}
{% macro month_is_unfinished(month_start_date, months_after=0) -%}
    cast({{ dbt.dateadd('month', months_after + 1, month_start_date) }} as date)
    > cast({{ dbt.dateadd('day', 1, saydo.as_of_date()) }} as date)
{%- endmacro %}
