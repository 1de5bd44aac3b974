{#- Which delivered rows count. A batch counts once the gate accepted it; of the snapshots of a feed that say
    their own day, the last delivered of each day; where a feed says `absent: erased`, its newest
    snapshot and what came after it. -#}

{#- One row per accepted batch, with its position: a later batch overrules an earlier one. Ordered by the day that a
    snapshot speaks of, else by the day of landing; then by load order. -#}
{% macro ordered_batches() -%}
    select
        placed.batch_id,
        placed.feed,
        placed.source,
        placed.is_snapshot,
        placed.told_date,
        placed.position,
        placed.is_last_of_its_day
        and (
            placed.absent <> 'erased'
            or placed.position >= coalesce(
                max(case when placed.is_snapshot and placed.is_last_of_its_day then placed.position end) over (
                    partition by placed.source, placed.feed
                ),
                0
            )
        ) as is_current

    from (

        select
            batches.batch_id,
            batches.feed,
            batches.source,
            batches.absent,
            batches.delivery = 'snapshot' as is_snapshot,
            coalesce(batches.snapshot_date, batches.landed_date) as told_date,
            row_number() over (
                -- one row per batch_id
                order by
                    coalesce(batches.snapshot_date, batches.landed_date),
                    batches.sequence,
                    batches.batch_id
            ) as position,
            batches.snapshot_date is null
            or row_number() over (
                -- one row per batch_id
                partition by batches.source, batches.feed, batches.snapshot_date
                order by batches.sequence desc, batches.batch_id desc
            ) = 1 as is_last_of_its_day

        from {{ source('state', 'batches') }} as batches

        where batches.status = 'accepted'

    ) as placed
{%- endmacro %}

{#- One row per batch of a canonical source that counts now. -#}
{% macro current_batches(source_name) -%}
    select
        ordered.batch_id,
        ordered.position

    from (

        {{ saydo.ordered_batches() }}

    ) as ordered

    where
        ordered.source = '{{ source_name }}'
        and ordered.is_current
{%- endmacro %}

{#- Every row of the current batches of a canonical source, all delivered versions.
    `known` is an optional predicate over `delivered` that leaves versions out of the choice. A
    semi-join, of which planners think that it leaves many rows: large tables are then probed, not
    built. -#}
{% macro accepted_rows(source_name, known='true') -%}
    select delivered.*

    from {{ source('raw', source_name) }} as delivered

    where
        delivered.batch in (

            select batch_id

            from (

                {{ saydo.current_batches(source_name) }}

            ) as current_batches

        )
        and ({{ known }})
{%- endmacro %}
