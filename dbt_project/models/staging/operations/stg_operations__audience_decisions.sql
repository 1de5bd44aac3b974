-- One row per decision to add an account to an audience or take it out, as state keeps them (decision_id).
with

audience_decisions as (

    select * from {{ source('state', 'audience_decisions') }}

),

final as (

    select
        decision_id,
        segment_code,
        segment_version,
        decided_for,
        account_key,
        decision,
        reason,
        decided_at,
        release_id

    from audience_decisions

)

select * from final
