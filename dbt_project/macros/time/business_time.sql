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
    from_utc_timestamp({{ instant }}, '{{ var("business_timezone") }}')
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
