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
    batch, and of each day one batch is taken as the main one: a key can only have come twice if a
    batch beside the main one holds it. `repeatable` is the relation of those keys, a table, so that
    the engine knows how few they are; they are ranked, all others pass straight through. -#}
{% macro newest_rows_by_day(source_name, keys, repeatable, repeatable_keys) -%}
    select
        passed.*,
        cast(1 as bigint) as _recency

    from (

        {{ saydo.accepted_rows(source_name) }}

    ) as passed

    left join {{ repeatable }} as repeatable
        on {{ saydo.same('passed', 'repeatable', repeatable_keys) }}

    where repeatable.{{ repeatable_keys[0] }} is null

    union all

    {% set ranked %}
    select ranked.*

    from (

        {{ saydo.accepted_rows(source_name) }}

    ) as ranked

    inner join {{ repeatable }} as repeatable
        on {{ saydo.same('ranked', 'repeatable', repeatable_keys) }}
    {% endset %}
    {{ saydo.newest_of(ranked, keys) }}
{%- endmacro %}

{% macro same(left, right, columns) -%}
    {%- for column in columns %}
    {{ 'and ' if not loop.first }}{{ left }}.{{ column }} = {{ right }}.{{ column }}
    {%- endfor %}
{%- endmacro %}

{#- Keys that a batch holds on a day of which another batch, the one with most rows, is the main one.
    Any choice of main batch gives the same rows in the end; this one leaves few keys, whether months
    are delivered whole, day by day, late or again. -#}
{% macro keys_beside_main_batch(source_name, columns, day) -%}
    select
        {%- for column in columns %}
        beside.{{ column }}{{ ',' if not loop.last }}
        {%- endfor %}

    from (

        {{ saydo.accepted_rows(source_name) }}

    ) as beside

    inner join (

        select
            batch,
            {{ day }},
            row_number() over (
                partition by {{ day }}
                order by row_count desc, batch
            ) as position_in_day

        from (

            select
                batch,
                {{ day }},
                count(*) as row_count

            from (

                {{ saydo.accepted_rows(source_name) }}

            ) as counted

            group by batch, {{ day }}

        ) as batch_days

    ) as placed
        on
            beside.batch = placed.batch
            and beside.{{ day }} = placed.{{ day }}
            and placed.position_in_day > 1

    group by
        {%- for column in columns %}
        beside.{{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
{%- endmacro %}

{#- The same for a large source whose key says nothing of the day: keys that came once pass straight
    through, keys that came again are ranked. `repeated` is the relation of these, a table, so that
    they are looked for once and not by every reader. -#}
{% macro newest_rows_by_key(source_name, key, repeated) -%}
    select
        passed.*,
        cast(1 as bigint) as _recency

    from (

        {{ saydo.accepted_rows(source_name) }}

    ) as passed

    left join {{ repeated }} as repeated
        on passed.{{ key }} = repeated.{{ key }}

    where repeated.{{ key }} is null

    union all

    {% set ranked %}
    select ranked.*

    from (

        {{ saydo.accepted_rows(source_name) }}

    ) as ranked

    inner join {{ repeated }} as repeated
        on ranked.{{ key }} = repeated.{{ key }}
    {% endset %}
    {{ saydo.newest_of(ranked, [key]) }}
{%- endmacro %}

{% macro repeated_keys(source_name, key) -%}
    select {{ key }}

    from (

        {{ saydo.accepted_rows(source_name) }}

    ) as counted

    group by {{ key }}

    having count(*) > 1
{%- endmacro %}
