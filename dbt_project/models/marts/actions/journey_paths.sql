-- One row per path of up to five steps that journeys took, and what they start with.
with

estimates as (

    select * from {{ source('estimates', 'journey_paths') }}

),

final as (

    select
        start_type,
        path,
        path_step_count,
        worst_step,
        worst_step_number,
        journey_count,
        customer_count,
        answered_customer_count,
        {{ share('resolved_ratio') }} as resolved_ratio,
        {{ share('left_ratio') }} as left_ratio,
        {{ rounded('median_hours', 4) }} as median_hours,
        {{ rounded('satisfaction_change', 6) }} as satisfaction_change,
        {{ rounded('ci_low', 6) }} as ci_low,
        {{ rounded('ci_high', 6) }} as ci_high,
        {{ rounded('worst_step_change', 6) }} as worst_step_change,
        {{ rounded('worst_step_ci_low', 6) }} as worst_step_ci_low,
        {{ rounded('worst_step_ci_high', 6) }} as worst_step_ci_high,
        is_association

    from estimates

)

select * from final
