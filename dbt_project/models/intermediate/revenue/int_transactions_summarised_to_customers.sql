-- One row per customer with a transaction: the whole life, and the last two spans of 90 days.
with

months as (

    select
        transactions.*,
        {{ owner_customer_id() }} as customer_id

    from {{ ref('int_transactions_summarised_to_identifier_months') }} as transactions

    {{ join_customer('transactions', at='transactions.first_occurred_at') }}

),

recent_transactions as (

    select * from {{ ref('int_transactions_converted') }}

    where
        occurred_date > {{ as_of_day_minus(180) }}
        -- A day earlier: raw months are UTC.
        and _month >= '{{ window_start(181)[:7] }}'

),

lives as (

    select
        customer_id,
        {{ money('sum(revenue)') }} as lifetime_revenue,
        {{ whole('sum(transaction_count)') }} as transaction_count,
        min(first_occurred_at) as first_occurred_at,
        max(last_occurred_at) as last_occurred_at,
        max(last_purchase_at) as last_purchase_at

    from months

    group by customer_id

),

recent as (

    select
        {{ owner_customer_id() }} as customer_id,
        sum(
            case when recent_transactions.occurred_date > {{ as_of_day_minus(90) }} then recent_transactions.revenue end
        ) as revenue_90d,
        sum(
            case when recent_transactions.occurred_date <= {{ as_of_day_minus(90) }} then recent_transactions.revenue end
        ) as revenue_previous_90d

    from recent_transactions

    {{ join_customer('recent_transactions', at='recent_transactions.occurred_at') }}

    group by {{ owner_customer_id() }}

),

final as (

    select
        lives.customer_id,
        lives.lifetime_revenue,
        {{ money('coalesce(recent.revenue_90d, 0)') }} as revenue_90d,
        {{ money('coalesce(recent.revenue_previous_90d, 0)') }} as revenue_previous_90d,
        lives.transaction_count,
        lives.first_occurred_at,
        lives.last_occurred_at,
        lives.last_purchase_at

    from lives

    left join recent
        on lives.customer_id = recent.customer_id

)

select * from final
