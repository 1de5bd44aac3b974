-- One row per signal of flux that customers had in months that three more have followed.
with

estimates as (

    select * from {{ source('estimates', 'flux_signals') }}

),

final as (

    select
        signal_code,
        customer_count,
        observation_count,
        base_observation_count,
        {{ share('followed_by_change_ratio') }} as followed_by_change_ratio,
        {{ share('base_ratio') }} as base_ratio,
        {{ rounded('lift', 6) }} as lift,
        {{ rounded('ci_low', 6) }} as ci_low,
        {{ rounded('ci_high', 6) }} as ci_high

    from estimates

)

select * from final
