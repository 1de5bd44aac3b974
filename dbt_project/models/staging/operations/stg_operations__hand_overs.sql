-- One row per decision and destination that it was handed over to (decision_id, destination).
with

hand_overs as (

    select * from {{ source('state', 'hand_overs') }}

),

final as (

    select
        hand_over_id,
        decision_id,
        destination,
        handed_over_at

    from hand_overs

)

select * from final
