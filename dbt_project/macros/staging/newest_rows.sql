{#- One row per key: the newest of the versions delivered. -#}

{#- Order in which versions of one key supersede each other, newest first: by the source's own
    version, then by the order of the batches. Complete, so that the choice never depends on chance. -#}
{% macro newest_first(version=none) -%}
    order by
        {%- if version %}
        versions.{{ version }} desc nulls last,
        {%- endif %}
        ordered.position desc,
        versions._line_number desc
{%- endmacro %}

{#- Every batch with its position, to be joined to `versions` that are ranked. -#}
{% macro join_order() -%}
    inner join (

            {{ saydo.ordered_batches() }}

        ) as ordered
            on versions.batch = ordered.batch_id
{%- endmacro %}

{#- The newest of the rows that a query gives, by ranking all of them. -#}
{% macro newest_of(rows, keys, version=none) -%}
    select *

    from (

        select
            versions.*,
            row_number() over (
                -- one row per position, _line_number
                partition by
                    {%- for key in keys %}
                    versions.{{ key }}{{ ',' if not loop.last }}
                    {%- endfor %}
                {{ saydo.newest_first(version) }}
            ) as _recency

        from (

            {{ rows }}

        ) as versions

        {{ saydo.join_order() }}

    ) as ranked

    where _recency = 1
{%- endmacro %}

{#- The newest accepted row of each key of a canonical source: every row but those that a newer one
    supersedes. A large source that several models read has a model of those, `superseded`, so that they
    are looked for once; for others the key's columns are enough. -#}
{% macro newest_rows(source_name, keys=none, version=none, known='true', superseded=none) -%}
    {%- if not superseded -%}
        {%- set repeated = saydo.repeated_keys(source_name, keys, known) -%}
        {%- set superseded = '(' ~ saydo.superseded_rows(source_name, keys, repeated, version=version, known=known) ~ ')' -%}
    {%- endif -%}
    select passed.*

    from (

        {{ saydo.accepted_rows(source_name, known) }}

    ) as passed

    left join {{ superseded }} as superseded
        on
            passed.batch = superseded._batch_id
            and passed._line_number = superseded._line_number

    where superseded._batch_id is null
{%- endmacro %}

{#- Where in raw each row lies that a newer row of its key supersedes, and the batch that brought the
    newest. Ranking is dear and few keys come twice: only those that the query `repeated` gives are
    ranked, by the columns `repeated_by`. -#}
{% macro superseded_rows(source_name, keys, repeated, repeated_by=none, version=none, known='true') -%}
    select
        _batch_id,
        _line_number,
        _month,
        _newest_batch_id

    from (

        select
            versions.batch as _batch_id,
            versions._line_number,
            versions.month as _month,
            {%- for ranked in ['row_number()', 'first_value(versions.batch)'] %}
            {{ ranked }} over (
                -- one row per position, _line_number
                partition by
                    {%- for key in keys %}
                    versions.{{ key }}{{ ',' if not loop.last }}
                    {%- endfor %}
                {{ saydo.newest_first(version) }}
            ) as {{ ['_recency', '_newest_batch_id'][loop.index0] }}{{ ',' if not loop.last }}
            {%- endfor %}

        from (

            {{ saydo.accepted_rows(source_name, known) }}

        ) as versions

        {{ saydo.join_order() }}

        inner join (

            {{ repeated }}

        ) as repeated
            on {{ saydo.same('versions', 'repeated', repeated_by or keys) }}

    ) as ranked

    where _recency > 1
{%- endmacro %}

{#- Keys of which more than one version counts. -#}
{% macro repeated_keys(source_name, keys, known='true') -%}
    select
        {%- for key in keys %}
        {{ key }}{{ ',' if not loop.last }}
        {%- endfor %}

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
        beside.{{ column }}{{ ',' if not loop.last }}
        {%- endfor %}

    from (

        {{ saydo.accepted_rows(source_name, known) }}

    ) as beside

    inner join (

        select
            batch,
            {{ day }},
            row_number() over (
                -- one row per day, batch
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
