-- One row per customer and business month with a transaction; 'unknown' holds what nobody owns.
{{ config(materialized='view') }}
with

transactions as (

    select * from {{ ref('int_transactions_summarised_to_identifier_months') }}

),

final as (

    select
        {{ owner_customer_id() }} as customer_id,
        transactions.month_start_date,
        {{ money('sum(transactions.revenue)') }} as revenue,
        {{ whole('sum(transactions.transaction_count)') }} as transaction_count,
        min(transactions.first_occurred_at) as first_occurred_at,
        max(transactions.last_occurred_at) as last_occurred_at,
        max(transactions.last_purchase_at) as last_purchase_at

    from transactions

    {{ join_customer('transactions', at='transactions.first_occurred_at') }}

    group by
        {{ owner_customer_id() }},
        transactions.month_start_date

)

select * from final
