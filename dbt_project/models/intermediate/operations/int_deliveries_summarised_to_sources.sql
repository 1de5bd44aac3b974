-- One row per canonical source or published table: who owns it, and what was delivered of it (source).
with

sources as (

    select * from {{ ref('source_owners') }}

),

batches as (

    select * from {{ ref('stg_operations__batches') }}

    where is_current

),

kept_out as (

    select
        source,
        count(*) as refused_count

    from {{ ref('stg_operations__batches') }}

    where is_kept_out

    group by source

),

expected as (

    select * from {{ ref('stg_operations__expected_deliveries') }}

),

final as (

    select
        sources.source,
        sources.owner,
        sources.fresh_within_days,
        max(batches.landed_at) as last_loaded_at,
        count(batches.batch_id) as batch_count,
        {{ whole('coalesce(sum(batches.delivered_count), 0)') }} as delivered_count,
        {{ whole('coalesce(sum(batches.canonical_count), 0)') }} as canonical_count,
        {{ whole('coalesce(sum(batches.loaded_count), 0)') }} as loaded_count,
        {{ whole('coalesce(sum(batches.quarantined_count), 0)') }} as quarantined_count,
        {{ whole('coalesce(max(kept_out.refused_count), 0)') }} as refused_count,
        max(expected.expected_by_at) as expected_by_at,
        max(expected.late_feeds) as late_feeds

    from sources

    left join batches
        on sources.source = batches.source

    left join kept_out
        on sources.source = kept_out.source

    left join expected
        on sources.source = expected.source

    group by
        sources.source,
        sources.owner,
        sources.fresh_within_days

)

select * from final
