-- One row per bet and combination of its evidence sets.
with

estimates as (

    select * from {{ source('estimates', 'success_circles') }}

),

final as (

    select
        bet_code,
        version,
        set_codes,
        set_count,
        bet_outcome,
        horizon_months,
        owner,
        why,
        evidence,
        base_customer_count,
        base_outcome_count,
        customer_count,
        outcome_count,
        {{ whole('round(expected_count)') }} as expected_count,
        {{ rounded('lift', 6) }} as lift,
        {{ chance('tail_p') }} as tail_p,
        {{ chance('adjusted_p') }} as adjusted_p,
        {{ share('outcome_ratio') }} as outcome_ratio,
        {{ share('ci_low') }} as ci_low,
        {{ share('ci_high') }} as ci_high,
        {{ share('outcome_difference') }} as outcome_difference,
        {{ share('difference_ci_low') }} as difference_ci_low,
        {{ share('difference_ci_high') }} as difference_ci_high,
        {{ chance('outcome_p') }} as outcome_p,
        {{ chance('outcome_adjusted_p') }} as outcome_adjusted_p,
        verdict,
        is_redundant,
        cut_off_date

    from estimates

)

select * from final
