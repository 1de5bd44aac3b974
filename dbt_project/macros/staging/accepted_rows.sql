{#- Which delivered rows count. A batch counts once the gate accepted it; a snapshot replaces all
    that its feed delivered before it. -#}

{#- One row per batch of a canonical source that counts now. -#}
{% macro current_batches(source_name) -%}
    select
        batches.batch_id

    from {{ source('state', 'batches') }} as batches

    left join (

        select
            feed,
            max(sequence) as sequence

        from {{ source('state', 'batches') }}

        where
            status = 'accepted'
            and delivery = 'snapshot'

        group by feed

    ) as latest_snapshots
        on batches.feed = latest_snapshots.feed

    where
        batches.source = '{{ source_name }}'
        and batches.status = 'accepted'
        and (latest_snapshots.feed is null or batches.sequence >= latest_snapshots.sequence)
{%- endmacro %}

{#- Every row of the current batches of a canonical source, all delivered versions.
    `known` is an optional predicate over `delivered` that leaves versions out of the choice. A
    semi-join, of which planners think that it leaves many rows: large tables are then probed, not
    built. `rows` is a relation of some of the source's rows, to be read instead of all. -#}
{% macro accepted_rows(source_name, known='true', rows=none) -%}
    select delivered.*

    from {{ rows or source('raw', source_name) }} as delivered

    where
        delivered.batch in (

            select batch_id

            from (

                {{ saydo.current_batches(source_name) }}

            ) as current_batches

        )
        and ({{ known }})
{%- endmacro %}
