{#- One row per key: the newest of the versions delivered. -#}

{#- Order in which versions of one key supersede each other, newest first: by the source's own
    version, then by load order. Complete, so that the choice never depends on chance. -#}
{% macro newest_first(version=none) -%}
    order by
        {%- if version %}
        {{ version }} desc nulls last,
        {%- endif %}
        _batch_sequence desc,
        _line_number desc,
        _batch_id desc
{%- endmacro %}

{#- The newest of the rows that a query gives, by ranking all of them. -#}
{% macro newest_of(rows, keys, version=none) -%}
    select *

    from (

        select
            versions.*,
            row_number() over (
                partition by {{ keys | join(', ') }}
                {{ saydo.newest_first(version) }}
            ) as _recency

        from (

            {{ rows }}

        ) as versions

    ) as ranked

    where _recency = 1
{%- endmacro %}

{#- The newest accepted row of each key of a canonical source. -#}
{% macro newest_rows(source_name, keys, version=none, known='true') -%}
    {{ saydo.newest_of(saydo.accepted_rows(source_name, known), keys, version) }}
{%- endmacro %}

{#- The same for a large source whose key holds the event's day. Landing leaves one row per key in a
    batch, so only days that more than one batch delivered can hold a key twice: those are ranked,
    all others pass straight through. -#}
{% macro newest_rows_by_day(source_name, keys, day) -%}
    select
        passed.*,
        cast(1 as bigint) as _recency

    from (

        {{ saydo.accepted_rows(source_name) }}

    ) as passed

    left join (

        {{ saydo.contested_days(source_name) }}

    ) as contested_days
        on passed.{{ day }} = contested_days.event_date

    where contested_days.event_date is null

    union all

    {% set contested %}
    select contested.*

    from (

        {{ saydo.accepted_rows(source_name) }}

    ) as contested

    inner join (

        {{ saydo.contested_days(source_name) }}

    ) as contested_days
        on contested.{{ day }} = contested_days.event_date
    {% endset %}
    {{ saydo.newest_of(contested, keys) }}
{%- endmacro %}

{#- Days that lie inside the date range of more than one current batch. 16,384 days are 44 years. -#}
{% macro contested_days(source_name) -%}
    select event_date

    from (

        select cast({{ dbt.dateadd('day', 'numbers.generated_number - 1', 'ranges.first_event_date') }} as date) as event_date

        from (

            {{ saydo.current_batches(source_name) }}

        ) as ranges

        inner join (

            {{ dbt.generate_series(16384) }}

        ) as numbers
            on numbers.generated_number <= {{ dbt.datediff('ranges.first_event_date', 'ranges.last_event_date', 'day') }} + 1

    ) as delivered_days

    group by event_date

    having count(*) > 1
{%- endmacro %}

{#- The same for a large source whose key says nothing of the day: keys that came once pass straight
    through, keys that came again are ranked. -#}
{% macro newest_rows_by_key(source_name, key) -%}
    select
        passed.*,
        cast(1 as bigint) as _recency

    from (

        {{ saydo.accepted_rows(source_name) }}

    ) as passed

    left join (

        {{ saydo.repeated_keys(source_name, key) }}

    ) as repeated_keys
        on passed.{{ key }} = repeated_keys.{{ key }}

    where repeated_keys.{{ key }} is null

    union all

    {% set repeated %}
    select repeated.*

    from (

        {{ saydo.accepted_rows(source_name) }}

    ) as repeated

    inner join (

        {{ saydo.repeated_keys(source_name, key) }}

    ) as repeated_keys
        on repeated.{{ key }} = repeated_keys.{{ key }}
    {% endset %}
    {{ saydo.newest_of(repeated, [key]) }}
{%- endmacro %}

{% macro repeated_keys(source_name, key) -%}
    select {{ key }}

    from (

        {{ saydo.accepted_rows(source_name) }}

    ) as counted

    group by {{ key }}

    having count(*) > 1
{%- endmacro %}
