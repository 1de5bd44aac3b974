-- One row per foreign currency and month: the rate of the month's last counted day.
with

rates as (

    select * from {{ ref('int_fx_rates_spanned') }}

    where currency_code <> '{{ var("reporting_currency") }}'

),

months as (

    select
        month_start_date,
        {{ last_day_before('counted_until_at') }} as last_date

    from {{ ref('int_months_listed') }}

),

final as (

    select
        rates.currency_code,
        months.month_start_date,
        rates.rate

    from months

    inner join rates
        on
            months.last_date >= rates.valid_from_date
            and months.last_date < rates.valid_to_date

)

select * from final
