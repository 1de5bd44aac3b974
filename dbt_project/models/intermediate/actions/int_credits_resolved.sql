-- One row per decision on a credit, with the customer whose the account is now (customer_id, incident_date).
with

decisions as (

    select * from {{ ref('stg_operations__credit_decisions') }}

),

accounts as (

    select * from {{ ref('int_accounts_resolved') }}

),

hand_overs as (

    select
        decision_id,
        min(handed_over_at) as handed_over_at

    from {{ ref('stg_operations__hand_overs') }}

    group by decision_id

),

owned as (

    select
        decisions.*,
        accounts.customer_id

    from decisions

    inner join accounts
        on decisions.account_key = accounts.account_key

),

-- Of two customers that are one now, the survivor's own decision about a day counts.
ranked as (

    select
        *,
        row_number() over (
            -- one row per decision_id
            partition by customer_id, incident_date
            order by
                case when decided_for = customer_id then 0 else 1 end,
                decided_at,
                decision_id
        ) as decision_rank

    from owned

),

final as (

    select
        ranked.decision_id,
        ranked.policy_code,
        ranked.policy_version,
        ranked.customer_id,
        ranked.incident_id,
        ranked.incident_date,
        ranked.decision,
        ranked.reason,
        ranked.fault_minutes,
        ranked.credit_amount,
        ranked.currency_code,
        ranked.satisfaction_band,
        ranked.release_id,
        ranked.is_measured,
        ranked.decided_for = ranked.customer_id as is_own,
        ranked.decided_at,
        hand_overs.handed_over_at

    from ranked

    left join hand_overs
        on ranked.decision_id = hand_overs.decision_id

    where ranked.decision_rank = 1

)

select * from final
