-- One row per customer and signal that it may be about to change.
with

signals as (

    select * from {{ ref('int_flux_signals_dated') }}

),

measured as (

    select * from {{ ref('flux_signals') }}

    where lift is not null

),

final as (

    select
        signals.customer_id,
        signals.signal_code,
        signals.strength,
        measured.lift,
        measured.ci_low,
        measured.ci_high,
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
