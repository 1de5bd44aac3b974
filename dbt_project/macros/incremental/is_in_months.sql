{#- Months as predicates: `months` are their first days as text, none for all months. -#}

{#- Predicate on month_start_date. -#}
{% macro is_in_months(months) -%}
    {%- if months is none -%} true
    {%- elif months | length == 0 -%} false
    {%- else -%}
    month_start_date in (
        {%- for month in months %}cast('{{ month }}' as date){{ ', ' if not loop.last }}{% endfor -%}
    )
    {%- endif -%}
{%- endmacro %}

{#- Predicate on `_month`, the partition of raw, as literals so that engines skip the other files.
    Partitions are UTC. `at`, the instant that decides in which business month a row is, brings the
    partitions beside, and of them little more than the month's own rows: what day it was where people
    live is dear to work out. `until`, the instant up to which a row lasts, 28 days at most, brings what reaches the
    months from before. -#}
{% macro is_in_raw_months(months, at=none, until=none) -%}
    {%- if months is none -%} true
    {%- elif months | length == 0 -%} false
    {%- else -%}
    {%- set has_edges = at is not none and (until is not none or var('business_timezone') != 'UTC') -%}
    {%- set day = modules.datetime.timedelta(days=1) -%}
    {%- set names = [] -%}
    {%- set spans = [] -%}
    {%- for month in months -%}
        {%- set first = modules.datetime.date.fromisoformat(month) -%}
        {%- set next = (first + 31 * day).replace(day=1) -%}
        {%- set reached = [first - 29 * day] if until is not none else [] -%}
        {%- for shown in (reached + [first - day, first, next] if has_edges else [first]) -%}
            {%- do names.append(shown.isoformat()[:7]) -%}
        {%- endfor -%}
        {%- do spans.append([first - day, next + day]) -%}
    {%- endfor -%}
    _month in (
        {%- for name in names | unique | sort %}'{{ name }}'{{ ', ' if not loop.last }}{% endfor -%}
    )
    {%- if has_edges %}
    and (
        {%- for begin, end in spans %}
        {{ 'or ' if not loop.first }}(
            ({{ at }} >= cast('{{ begin }}' as timestamp){% if until is not none %} or {{ until }} >= cast('{{ begin }}' as timestamp){% endif %})
            and {{ at }} < cast('{{ end }}' as timestamp)
        )
        {%- endfor %}
    )
    {%- endif -%}
    {%- endif -%}
{%- endmacro %}
