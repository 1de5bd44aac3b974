-- One row per policy version, horizon, band and arm: exact sums for estimates (policy_version, horizon_days, satisfaction_band, arm).
with

followed as (

    select * from {{ ref('int_credits_followed') }}

),

banded as (

    select * from followed

    union all

    select
        customer_id,
        policy_version,
        horizon_days,
        arm,
        'all' as satisfaction_band,
        has_left,
        revenue,
        satisfaction_score,
        is_pending

    from followed

),

final as (

    select
        policy_version,
        horizon_days,
        satisfaction_band,
        arm,
        count(*) as assigned_count,
        {%- for value, scale in [('revenue', 2), ('satisfaction_score', 4)] %}
        sum(case when is_pending or {{ value }} is null then 0 else {{ exact_number(value) }} end)
            as total_{{ value }},
        sum(case when is_pending or {{ value }} is null then 0 else {{ product(value, scale, value, scale) }} end)
            as total_squared_{{ value }},
        {%- endfor %}
        {{ whole('sum(case when is_pending then 0 else 1 end)') }} as customer_count,
        {{ whole('sum(case when has_left and not is_pending then 1 else 0 end)') }} as left_count,
        {{ whole('count(case when not is_pending then satisfaction_score end)') }} as answered_count

    from banded

    group by
        policy_version,
        horizon_days,
        satisfaction_band,
        arm

)

select * from final
