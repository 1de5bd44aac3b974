-- One row per delivered file, whatever became of it.
with

batches as (

    select * from {{ source('state', 'batches') }}

),

listed as (

    {{ listing_batches() }}

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
        case
            when batches.delivery = 'snapshot' then coalesce(batches.snapshot_date, batches.landed_date)
        end as snapshot_date,
        listed.silent_from_date,
        listed.batch_id is not null as is_current,
        coalesce(listed.is_heard, false) as is_heard

    from batches

    left join listed
        on batches.batch_id = listed.batch_id

)

select * from final
