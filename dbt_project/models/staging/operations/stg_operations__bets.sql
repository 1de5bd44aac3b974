-- One row per bet of bets.yml.
with

bets as (

    select * from {{ source('configuration', 'bets') }}

),

final as (

    select
        bet_code,
        version,
        owner,
        why,
        bet_outcome,
        horizon_months,
        set_codes,
        evidence

    from bets

)

select * from final
