-- One row per period and method of recommending: whether what was offered is what was taken.
with

estimates as (

    select * from {{ source('estimates', 'recommendation_readouts') }}

),

final as (

    select
        period_start_date,
        period_end_date,
        method,
        customer_count,
        hit_count,
        {{ share('hit_rate_at_3') }} as hit_rate_at_3,
        {{ share('ci_low') }} as ci_low,
        {{ share('ci_high') }} as ci_high,
        {{ share('popularity_hit_rate_at_3') }} as popularity_hit_rate_at_3,
        {{ share('hit_difference') }} as hit_difference,
        {{ share('difference_ci_low') }} as difference_ci_low,
        {{ share('difference_ci_high') }} as difference_ci_high,
        new_service_count,
        {{ share('recommended_share_of_new') }} as recommended_share_of_new,
        {{ rounded('off_policy_value', 6) }} as off_policy_value,
        {{ whole('round(effective_count)') }} as effective_count

    from estimates

)

select * from final
