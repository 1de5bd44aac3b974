-- One row per delivered file, whatever became of it.
with

batches as (

    select * from {{ source('state', 'batches') }}

),

listed as (

    {{ listing_batches() }}

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
        batches.canonical_count,
        batches.empty_count,
        batches.is_reshaped,
        batches.first_event_date,
        batches.last_event_date,
        batches.months,
        case
            when batches.delivery = 'snapshot' then coalesce(batches.snapshot_date, batches.landed_date)
        end as snapshot_date,
        listed.silent_from_date,
        listed.batch_id is not null as is_current,
        coalesce(listed.is_heard, false) as is_heard,
        batches.status = 'refused'
        and coalesce(newest_taken.sequence <= batches.sequence, true) as is_kept_out

    from batches

    left join listed
        on batches.batch_id = listed.batch_id

    left join newest_taken
        on
            batches.feed = newest_taken.feed
            and batches.file_name = newest_taken.file_name

)

select * from final
