-- One row per customer, segment and span that the last release published.
with

segment_memberships as (

    select * from {{ source('state', 'segment_memberships') }}

),

final as (

    select
        held_customer,
        segment_code,
        reason,
        entered_at,
        left_at

    from segment_memberships

)

select * from final
