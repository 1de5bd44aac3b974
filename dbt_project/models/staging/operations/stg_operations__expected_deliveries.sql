-- One row per canonical source of which a feed says when its deliveries are due.
with

expected_deliveries as (

    select * from {{ source('state', 'expected_deliveries') }}

),

final as (

    select
        source,
        expected_by_at,
        late_feeds

    from expected_deliveries

)

select * from final
