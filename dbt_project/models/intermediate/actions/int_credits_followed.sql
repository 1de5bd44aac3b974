-- One row per customer, policy version and horizon: what came of its first credit or holdout, whatever it was given later (customer_id, policy_version, horizon_days).
{%- set longest = recovery_horizons() | max %}
with

assigned as (

    select * from {{ ref('int_credits_assigned_to_customers') }}

),

spent as (

    select * from {{ ref('int_revenue_windowed_to_credits') }}

),

open_then as (

    select * from {{ ref('int_subscriptions_windowed_to_credits') }}

),

answers as (

    select
        customer_id,
        score,
        {{ business_date('responded_at') }} as answered_date

    from {{ ref('int_survey_responses_resolved') }}

    where
        question_role = 'overall_satisfaction'
        and score is not null

),

said as (

    select
        assigned.customer_id,
        {%- for days in recovery_horizons() %}
        {{ mean_score(
            'case when answers.answered_date <= ' ~ days_after('assigned.decided_date', days) ~ ' then answers.score end'
        ) }} as satisfaction_{{ days }},
        {%- endfor %}
        assigned.policy_version

    from assigned

    inner join answers
        on
            assigned.customer_id = answers.customer_id
            and answers.answered_date > assigned.decided_date
            and answers.answered_date <= {{ days_after('assigned.decided_date', longest) }}

    group by assigned.customer_id, assigned.policy_version

),

final as (
    {%- for days in recovery_horizons() %}

    select
        assigned.customer_id,
        assigned.policy_version,
        {{ days }} as horizon_days,
        assigned.arm,
        assigned.satisfaction_band,
        coalesce(open_then.is_open_{{ days }}, 0) = 0 as has_left,
        {{ money('coalesce(spent.revenue_' ~ days ~ ', 0)') }} as revenue,
        said.satisfaction_{{ days }} as satisfaction_score,
        {{ days_after('assigned.decided_date', days) }} > {{ as_of_date() }} as is_pending

    from assigned

    left join open_then
        on
            assigned.customer_id = open_then.customer_id
            and assigned.policy_version = open_then.policy_version

    left join spent
        on
            assigned.customer_id = spent.customer_id
            and assigned.policy_version = spent.policy_version

    left join said
        on
            assigned.customer_id = said.customer_id
            and assigned.policy_version = said.policy_version
    {%- if not loop.last %}

    union all
    {%- endif %}
    {%- endfor %}

)

select * from final
