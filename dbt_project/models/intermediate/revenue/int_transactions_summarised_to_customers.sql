-- One row per customer with a transaction: the whole life, and the last two spans of 90 days.
with

recent as (

    select * from {{ ref('int_transactions_windowed_to_customers') }}

),

months as (

    select
        transactions.*,
        {{ owner_customer_id() }} as customer_id

    from {{ ref('int_transactions_summarised_to_identifier_months') }} as transactions

    {{ join_customer('transactions', at='transactions.first_occurred_at') }}

),

lives as (

    select
        customer_id,
        {{ exact_money('sum(revenue)') }} as lifetime_revenue,
        {{ whole('sum(transaction_count)') }} as transaction_count,
        -- Each may move what is published of its month by half a cent.
        {{ whole('sum(case when is_fractional then 1 else 0 end)') }} as fractional_count,
        min(first_occurred_at) as first_occurred_at,
        max(last_occurred_at) as last_occurred_at,
        max(last_purchase_at) as last_purchase_at

    from months

    group by customer_id

),

final as (

    select
        lives.customer_id,
        lives.lifetime_revenue,
        {{ exact_money('coalesce(recent.revenue_90d, 0)') }} as revenue_90d,
        {{ exact_money('coalesce(recent.revenue_previous_90d, 0)') }} as revenue_previous_90d,
        lives.transaction_count,
        lives.fractional_count,
        lives.first_occurred_at,
        lives.last_occurred_at,
        lives.last_purchase_at

    from lives

    left join recent
        on lives.customer_id = recent.customer_id

)

select * from final
