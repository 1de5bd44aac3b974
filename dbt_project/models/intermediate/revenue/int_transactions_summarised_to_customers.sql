-- One row per customer with a transaction: the whole life, and the last two spans of 90 days.
{%- set first_months = [window_month(90), window_month(180)] %}
with

months as (

    select
        transactions.*,
        {{ owner_customer_id() }} as customer_id

    from {{ ref('int_transactions_summarised_to_identifier_months') }} as transactions

    {{ join_customer('transactions', at='transactions.first_occurred_at') }}

),

-- The months in which the two spans begin are read day by day, those after them are summed already.
recent_transactions as (

    select
        {{ owner_customer_id() }} as customer_id,
        transactions.revenue,
        transactions.occurred_date > {{ as_of_day_minus(90) }} as is_in_last_90d

    from {{ ref('int_transactions_converted') }} as transactions

    {{ join_customer('transactions', at='transactions.occurred_at') }}

    where
        transactions.occurred_date > {{ as_of_day_minus(180) }}
        and {{ is_in_raw_months(first_months, at='occurred_at') }}
        and {{ is_in_months(first_months) }}

    union all

    select
        customer_id,
        revenue,
        month_start_date > cast('{{ window_month(90) }}' as date) as is_in_last_90d

    from months

    where
        month_start_date > cast('{{ window_month(180) }}' as date)
        and month_start_date <> cast('{{ window_month(90) }}' as date)

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

recent as (

    select
        customer_id,
        sum(case when is_in_last_90d then revenue end) as revenue_90d,
        sum(case when not is_in_last_90d then revenue end) as revenue_previous_90d

    from recent_transactions

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
