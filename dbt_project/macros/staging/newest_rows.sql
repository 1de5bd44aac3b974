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

{#- The newest accepted row of each key of a canonical source. Ranking is dear, and few keys come twice:
    those are ranked, all others pass straight through. `repeated` is the relation of the keys that may
    have come twice, by `repeated_by`; a table where views read it, so that the keys are looked for once
    and the engine knows how few they are. -#}
{% macro newest_rows(source_name, keys, version=none, known='true', repeated=none, repeated_by=none) -%}
    {%- set repeated_by = repeated_by or keys -%}
    {%- set repeated = repeated or '(' ~ saydo.repeated_keys(source_name, keys, known) ~ ')' -%}
    select
        passed.*,
        cast(1 as bigint) as _recency

    from (

        {{ saydo.accepted_rows(source_name, known) }}

    ) as passed

    left join {{ repeated }} as repeated
        on {{ saydo.same('passed', 'repeated', repeated_by) }}

    where repeated.is_repeated is null

    union all

    {% set ranked %}
    select ranked.*

    from (

        {{ saydo.accepted_rows(source_name, known) }}

    ) as ranked

    inner join {{ repeated }} as repeated
        on {{ saydo.same('ranked', 'repeated', repeated_by) }}
    {% endset %}
    {{ saydo.newest_of(ranked, keys, version) }}
{%- endmacro %}

{#- Keys of which more than one version counts. -#}
{% macro repeated_keys(source_name, keys, known='true') -%}
    select
        {%- for key in keys %}
        {{ key }},
        {%- endfor %}
        true as is_repeated

    from (

        {{ saydo.accepted_rows(source_name, known) }}

    ) as counted

    group by {{ keys | join(', ') }}

    having count(*) > 1
{%- endmacro %}

{#- Parts of a key may be null; two nulls are the same. -#}
{% macro same(left, right, columns) -%}
    {%- for column in columns %}
    {{ 'and ' if not loop.first }}{{ left }}.{{ column }} is not distinct from {{ right }}.{{ column }}
    {%- endfor %}
{%- endmacro %}

{#- For a large source whose key holds the event's day: the keys that may have come twice, from few of
    its rows. Landing leaves one row per key in a batch, and of each day the batch with most rows is
    taken as the main one: a key can only have come twice if a batch beside the main one holds it. Any
    choice of main batch gives the same rows in the end; this one leaves few keys, whether months are
    delivered whole, day by day, late or again. -#}
{% macro keys_beside_main_batch(source_name, columns, day, known) -%}
    select
        {%- for column in columns %}
        beside.{{ column }},
        {%- endfor %}
        true as is_repeated

    from (

        {{ saydo.accepted_rows(source_name, known) }}

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

                {{ saydo.accepted_rows(source_name, known) }}

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
