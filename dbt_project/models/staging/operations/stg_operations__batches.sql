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

newest_taken as (

    select
        feed,
        file_name,
        max(sequence) as sequence

    from batches

    where status in ('landed', 'accepted', 'duplicate')

    group by
        feed,
        file_name

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
        ) as is_current,
        batches.status = 'refused'
        and coalesce(newest_taken.sequence <= batches.sequence, true) as is_kept_out

    from batches

    left join latest_snapshots
        on batches.feed = latest_snapshots.feed

    left join newest_taken
        on
            batches.feed = newest_taken.feed
            and batches.file_name = newest_taken.file_name

)

select * from final
