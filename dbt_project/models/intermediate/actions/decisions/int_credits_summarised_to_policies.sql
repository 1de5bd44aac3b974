-- One row per version of the policy of credits that decided (policy_code, version).
with

credits as (

    select * from {{ ref('int_credits_resolved') }}

),

final as (

    select
        policy_code,
        policy_version as version,
        sum(case when decision = 'credit' then 1 else 0 end) as credit_count,
        sum(case when decision = 'holdout' then 1 else 0 end) as holdout_count,
        min(decided_at) as decided_at

    from credits

    group by
        policy_code,
        policy_version

)

select * from final
