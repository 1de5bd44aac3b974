{#- Where in raw each row lies that a newer row of its key supersedes, and the batch that brought the
    newest. Ranking is dear and few keys come twice: only those that the query `repeated` gives are
    ranked, by the columns `repeated_by`. `also`: further columns of the row. -#}
{% macro superseded_rows(source_name, keys, repeated, repeated_by=none, known='true', also=[]) -%}
    select
        _batch_id,
        _line_number,
        _month,
        {%- for column in also %}
        {{ column }},
        {%- endfor %}
        _newest_batch_id

    from (

        select
            versions.batch as _batch_id,
            versions._line_number,
            versions.month as _month,
            {%- for column in also %}
            versions.{{ column }},
            {%- endfor %}
            row_number() over (
                {{ saydo.newest_first(keys) }}
            ) as _recency,
            first_value(versions.batch) over (
                {{ saydo.newest_first(keys) }}
            ) as _newest_batch_id

        from (

            {{ saydo.accepted_rows(source_name, known) }}

        ) as versions

        inner join (

            {{ saydo.ordered_batches() }}

        ) as ordered
            on versions.batch = ordered.batch_id

        inner join (

            {{ repeated }}

        ) as repeated
            on {{ saydo.same('versions', 'repeated', repeated_by or keys) }}

    ) as ranked

    where _recency > 1
{%- endmacro %}

{#- Keys of which more than one version counts. -#}
{% macro repeated_keys(source_name, keys, known='true') -%}
    select {{ keys | join(', ') }}

    from (

        {{ saydo.accepted_rows(source_name, known) }}

    ) as counted

    group by {{ keys | join(', ') }}

    having count(*) > 1
{%- endmacro %}

{#- For a large source whose key holds the event's day: the keys that may have come twice, from few of
    its rows. Landing leaves one row per key in a batch, and of each day the batch with most rows is
    taken as the main one: a key can only have come twice if a batch beside the main one holds it. Any
    choice of main batch gives the same rows in the end; this one leaves few keys, whether months are
    delivered whole, day by day, late or again. -#}
{% macro keys_beside_main_batch(source_name, columns, day, known) -%}
    select {{ saydo.of_relation('beside', columns) }}

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

    group by {{ saydo.of_relation('beside', columns) }}
{%- endmacro %}
