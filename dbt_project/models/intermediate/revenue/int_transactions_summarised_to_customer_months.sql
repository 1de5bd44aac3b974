-- One row per customer and business month of this build with a transaction.
{{ config(materialized='view') }}
with

transactions as (

    select * from {{ ref('int_transactions_summarised_to_identifier_months') }}

),

months as (

    select * from {{ ref('int_customer_months_listed') }}

),

final as (

    select
        months.customer_id,
        months.month_start_date,
        {{ exact_money('sum(transactions.revenue)') }} as revenue

    from transactions

    {{ join_customer('transactions', at='transactions.first_occurred_at') }}

    inner join months
        on
            owners.customer_id = months.customer_id
            and transactions.month_start_date = months.month_start_date

    group by
        months.customer_id,
        months.month_start_date

)

select * from final
