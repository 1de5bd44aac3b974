-- One row per release published before this one.
with

releases as (

    select * from {{ ref('int_releases_listed') }}

),

final as (

    select
        release_id,
        code_version,
        content_hash,
        evaluated_count,
        warning_count,
        is_current,
        as_of_date,
        published_at

    from releases

)

select * from final
