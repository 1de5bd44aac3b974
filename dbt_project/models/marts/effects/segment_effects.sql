-- One row per link from satisfaction to spending, side of the edge and segment of customers.
with

estimates as (

    select * from {{ source('estimates', 'segment_effects') }}

),

final as (

    select
        link,
        band,
        segment_type,
        segment_code,
        exposure_code,
        outcome_code,
        unit,
        {{ effect('estimate') }} as estimate,
        {{ effect('standard_error') }} as standard_error,
        {{ effect('ci_low') }} as ci_low,
        {{ effect('ci_high') }} as ci_high,
        {{ effect('segment_estimate') }} as segment_estimate,
        {{ effect('segment_standard_error') }} as segment_standard_error,
        {{ effect('common_estimate') }} as common_estimate,
        {{ share('shrinkage_ratio') }} as shrinkage_ratio,
        {{ share('p_value') }} as p_value,
        {{ share('adjusted_p_value') }} as adjusted_p_value,
        customer_count,
        observation_count,
        is_publishable,
        not_publishable_reason,
        method

    from estimates

)

select * from final
