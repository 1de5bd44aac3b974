-- One row per transaction, in the reporting currency at the rate of its business day.
{{ config(materialized='view') }}
with

transactions as (

    select * from {{ ref('stg_transactions__transactions') }}

),

rates as (

    select * from {{ ref('int_fx_rates_spanned') }}

),

dated as (

    select
        *,
        {{ business_date('occurred_at') }} as occurred_date

    from transactions

),

final as (

    select
        dated.transaction_id,
        dated.id_type,
        dated.id_key,
        dated.transaction_type,
        dated.currency,
        {{ product('dated.amount', 6, 'rates.rate', 8) }} as amount,
        {{ product(revenue_amount('dated.transaction_type', 'dated.amount'), 6, 'rates.rate', 8) }} as revenue,
        -- Payments are converted too: a currency without a rate is told whatever it is used for.
        rates.rate is not null as is_converted,
        dated.occurred_date,
        {{ month_start('dated.occurred_date') }} as month_start_date,
        dated.occurred_at,
        dated._month

    from dated

    left join rates
        on
            dated.currency = rates.currency_code
            and dated.occurred_date >= rates.valid_from_date
            and dated.occurred_date < rates.valid_to_date

)

select * from final
