-- One row per link from service to satisfaction to behaviour, band of satisfaction and lag.
with

estimates as (

    select * from {{ source('estimates', 'experience_effects') }}

),

final as (

    select
        link,
        band,
        lag_months,
        exposure_code,
        outcome_code,
        unit,
        {{ effect('estimate') }} as estimate,
        {{ effect('standard_error') }} as standard_error,
        {{ effect('ci_low') }} as ci_low,
        {{ effect('ci_high') }} as ci_high,
        {{ share('p_value') }} as p_value,
        {{ share('adjusted_p_value') }} as adjusted_p_value,
        customer_count,
        observation_count,
        {{ effect('pooled_estimate') }} as pooled_estimate,
        {{ share('lead_p_value') }} as lead_p_value,
        {{ share('mediated_share') }} as mediated_share,
        {{ effect('sensitivity_low') }} as sensitivity_low,
        {{ effect('sensitivity_high') }} as sensitivity_high,
        is_publishable,
        not_publishable_reason,
        method

    from estimates

)

select * from final
