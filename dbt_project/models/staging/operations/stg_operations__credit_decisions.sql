-- One row per decision on a credit, as state keeps them (decision_id).
with

decisions as (

    select * from {{ source('state', 'credit_decisions') }}

),

final as (

    select
        decision_id,
        policy_code,
        policy_version,
        decided_for,
        account_key,
        incident_id,
        incident_date,
        decision,
        reason,
        fault_minutes,
        is_measured,
        credit_amount,
        currency_code,
        satisfaction_band,
        decided_at,
        release_id

    from decisions

)

select * from final
