-- One row per customer and signal that it may be about to change.
with

signals as (

    select * from {{ ref('int_flux_signals_dated') }}

),

measured as (

    select * from {{ source('estimates', 'flux_signals') }}

    where lift is not null

),

final as (

    select
        signals.customer_id,
        signals.signal_code,
        signals.strength,
        {{ rounded('measured.lift', 6) }} as lift,
        {{ rounded('measured.ci_low', 6) }} as ci_low,
        {{ rounded('measured.ci_high', 6) }} as ci_high,
        signals.sentence || ' After this signal '
        || {{ text(rounded('100 * measured.followed_by_change_ratio', 0)) }}
        || ' of 100 change what they spend or leave within 90 days; of all, '
        || {{ text(rounded('100 * measured.base_ratio', 0)) }} || '.' as sentence,
        signals.first_seen_date

    from signals

    inner join measured
        on signals.signal_code = measured.signal_code

)

select * from final
