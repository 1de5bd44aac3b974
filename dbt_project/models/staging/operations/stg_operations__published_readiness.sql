-- One row per source and feature of the last release's readiness.
with

readiness as (

    select * from {{ source('state', 'published_readiness') }}

),

final as (

    select
        source,
        feature,
        match_ratio

    from readiness

)

select * from final
