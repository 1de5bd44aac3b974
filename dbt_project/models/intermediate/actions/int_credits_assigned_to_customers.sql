-- One row per customer and policy version, with the first decision that put it into an arm: credit or holdout (customer_id, policy_version).
with

credits as (

    select * from {{ ref('int_credits_resolved') }}

    where decision in ('credit', 'holdout')

),

-- As assigned: who is credited later, or comes into the other arm by a merge, stays where it was first; the
-- survivor's own decision goes before one of a customer merged into it.
ranked as (

    select
        *,
        row_number() over (
            -- one row per customer_id, incident_date
            partition by customer_id, policy_version
            order by case when is_own then 0 else 1 end, decided_at, incident_date
        ) as assignment_rank

    from credits

),

final as (

    select
        customer_id,
        policy_version,
        decision as arm,
        coalesce(satisfaction_band, 'never_asked') as satisfaction_band,
        {{ business_date('decided_at') }} as decided_date

    from ranked

    where assignment_rank = 1

)

select * from final
