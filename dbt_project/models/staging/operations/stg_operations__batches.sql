-- One row per delivered file, whatever became of it.
with

batches as (

    select * from {{ source('state', 'batches') }}

),

latest_snapshots as (

    select
        feed,
        max(sequence) as sequence

    from batches

    where
        status = 'accepted'
        and delivery = 'snapshot'

    group by feed

),

final as (

    select
        batches.batch_id,
        batches.feed,
        batches.source,
        batches.delivery,
        batches.file_name,
        batches.content_hash,
        batches.status,
        batches.refused_reason,
        batches.sequence,
        batches.landed_at,
        batches.delivered_count,
        batches.loaded_count,
        batches.quarantined_count,
        batches.duplicate_count,
        batches.filtered_count,
        batches.first_event_date,
        batches.last_event_date,
        batches.months,
        batches.status = 'accepted'
        and (
            latest_snapshots.feed is null
            or batches.sequence >= latest_snapshots.sequence
        ) as is_current

    from batches

    left join latest_snapshots
        on batches.feed = latest_snapshots.feed

)

select * from final
