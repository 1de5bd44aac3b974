{#- The as-of date: a release as of day D knows what happened before the end of D, nothing later. -#}

{% macro as_of_date() -%}
    cast('{{ var("as_of_date") }}' as date)
{%- endmacro %}

{#- End of the as-of day in UTC, exclusive. -#}
{% macro as_of_end_at() -%}
    cast('{{ var("as_of_end_at") }}' as timestamp)
{%- endmacro %}

{#- Predicate: the instant lies before the end of the as-of day. -#}
{% macro happened_by_as_of(instant) -%}
    {{ instant }} < {{ saydo.as_of_end_at() }}
{%- endmacro %}

{#- Predicate: the business day is not after the as-of day. -#}
{% macro day_is_by_as_of(day) -%}
    {{ day }} <= {{ saydo.as_of_date() }}
{%- endmacro %}

{#- Day so many days before the as-of date. A window of n days is `day > as_of_day_minus(n)`. -#}
{% macro as_of_day_minus(days) -%}
    cast({{ dbt.dateadd('day', -days, saydo.as_of_date()) }} as date)
{%- endmacro %}

{#- The day before a local wall-clock time at which a day is over. -#}
{% macro last_day_before(local_time) -%}
    cast({{ dbt.dateadd('day', -1, local_time) }} as date)
{%- endmacro %}

{#- Predicate on spans [valid_from_at, valid_to_at): what was so at the end of that day of the business.

    {{ as_of('2025-03-09') }}                       columns of the only relation
    {{ as_of('2025-03-09', 'versions') }}           columns of `versions` -#}
{% macro as_of(day, relation=none) -%}
    {%- if not modules.re.fullmatch('[0-9]{4}-[0-9]{2}-[0-9]{2}', day | string) -%}
        {{ exceptions.raise_compiler_error("as_of needs a day as 'YYYY-MM-DD', not '" ~ day ~ "'") }}
    {%- endif -%}
    {%- set next_day = modules.datetime.date.fromisoformat(day) + modules.datetime.timedelta(days=1) -%}
    {%- set end_at = saydo.start_of_day("cast('" ~ next_day.isoformat() ~ "' as date)") -%}
    {%- set prefix = relation ~ '.' if relation else '' -%}
    ({{ prefix }}valid_from_at is null or {{ prefix }}valid_from_at < {{ end_at }})
    and ({{ prefix }}valid_to_at is null or {{ prefix }}valid_to_at >= {{ end_at }})
{%- endmacro %}

{#- Bounds that stand for "unknown since when" and "until further notice" while spans are compared. -#}
{% macro beginning_of_time() -%} cast('0001-01-01 00:00:00' as timestamp) {%- endmacro %}

{% macro end_of_time() -%} cast('9999-12-31 00:00:00' as timestamp) {%- endmacro %}

{% macro beginning_of_days() -%} cast('0001-01-01' as date) {%- endmacro %}

{% macro end_of_days() -%} cast('9999-12-31' as date) {%- endmacro %}
