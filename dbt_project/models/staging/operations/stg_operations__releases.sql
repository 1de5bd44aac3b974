-- One row per release published before this one.
with

releases as (

    select * from {{ source('state', 'releases') }}

),

final as (

    select
        release_id,
        as_of_date,
        published_at,
        is_current,
        code_version,
        content_hash,
        evaluated_count,
        warning_count

    from releases

)

select * from final
