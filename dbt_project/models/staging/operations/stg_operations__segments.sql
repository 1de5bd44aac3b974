-- One row per segment of segments.yml.
with

segments as (

    select * from {{ source('configuration', 'segments') }}

),

final as (

    select
        segment_code,
        version,
        segment_name,
        owner,
        predicate,
        consent

    from segments

)

select * from final
