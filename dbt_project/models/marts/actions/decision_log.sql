-- One row per decision that can be judged: a policy of credits, a change of an audience, an arm of an experiment, a bet, offers.
with

outcomes as (

    select
        *,
        -- The longest that can be told of.
        row_number() over (
            -- one row per policy_version, horizon_days
            partition by policy_version
            order by
                case when is_measurable then 0 else 1 end,
                horizon_days desc
        ) as outcome_rank

    from {{ ref('service_recovery_outcomes') }}

    where satisfaction_band = 'all'

),

credits as (

    select
        policies.*,
        outcomes.horizon_days,
        outcomes.churn_difference,
        outcomes.churn_ci_low,
        outcomes.churn_ci_high,
        outcomes.pending_count,
        outcomes.is_measurable

    from {{ ref('int_credits_summarised_to_policies') }} as policies

    left join outcomes
        on
            policies.version = outcomes.policy_version
            and outcomes.outcome_rank = 1

),

audiences as (

    select * from {{ ref('int_audiences_summarised') }}

),

arms as (

    select * from {{ source('estimates', 'experiment_readouts') }}

    where metric_code = 'revenue' and segment_type = 'all' and not is_control

),

-- All of its evidence together is what a bet is about.
bets as (

    select
        *,
        max(set_count) over (partition by bet_code) as most_sets

    from {{ ref('success_circles') }}

),

recommendations as (

    select * from {{ ref('recommendation_readouts') }}

    where method = 'expected_revenue'

),

carried as (

    select * from {{ ref('int_decisions_carried') }}

),

told as (
    {%- for relation, columns in logged_decisions().items() %}

    select
        {%- for name, expression in columns.items() %}
        {{ rounded(expression, 6, limit=largest_number()) if name in ['measured_effect', 'ci_low', 'ci_high']
            else whole(expression) if name in ['version', 'subject_count'] else expression }} as {{ name }}
        {{- ',' if not loop.last }}
        {%- endfor %}

    from {{ relation }}
    {{- '\n\n    where set_count = most_sets' if relation == 'bets' }}
    {{- '\n\n    union all' if not loop.last }}
    {%- endfor %}

),

final as (

    select
        {%- for name in logged_decisions().bets if name != 'decided_at' %}
        case when told.decision_id is null then carried.{{ name }} else told.{{ name }} end as {{ name }},
        {%- endfor %}
        coalesce(carried.decided_at, told.decided_at) as decided_at

    from told

    -- What is taken out of the configuration stays as it was last told.
    full outer join carried
        on told.decision_id = carried.decision_id

)

select * from final
