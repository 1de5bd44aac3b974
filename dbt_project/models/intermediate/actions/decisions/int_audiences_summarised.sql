-- One row per segment and release on which its audience was decided (segment_code, release_id).
with

decisions as (

    select * from {{ ref('stg_operations__audience_decisions') }}

),

segments as (

    select * from {{ ref('stg_operations__segments') }}

),

summed as (

    select
        segment_code,
        release_id,
        max(segment_version) as segment_version,
        sum(case when decision = 'add' then 1 else 0 end) as added_count,
        sum(case when decision = 'remove' then 1 else 0 end) as removed_count,
        sum(case when decision = 'no_consent' then 1 else 0 end) as refused_count,
        min(decided_at) as decided_at

    from decisions

    group by
        segment_code,
        release_id

),

final as (

    select
        summed.segment_code,
        summed.release_id,
        segments.owner,
        segments.predicate,
        summed.segment_version,
        summed.added_count,
        summed.removed_count,
        summed.refused_count,
        summed.decided_at

    from summed

    left join segments
        on summed.segment_code = segments.segment_code

)

select * from final
