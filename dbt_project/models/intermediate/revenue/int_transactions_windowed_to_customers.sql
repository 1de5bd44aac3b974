-- One row per customer with a transaction in the last 180 days: its revenue in the two spans of 90 days.
{{ config(materialized='view') }}
{%- set first_months = [window_month(90), window_month(180)] %}
with

-- The months in which the two spans begin are read day by day, those after them are summed already.
transactions as (

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
        {{ owner_customer_id() }} as customer_id,
        months.revenue,
        months.month_start_date > cast('{{ window_month(90) }}' as date) as is_in_last_90d

    from {{ ref('int_transactions_summarised_to_identifier_months') }} as months

    {{ join_customer('months', at='months.first_occurred_at') }}

    where
        months.month_start_date > cast('{{ window_month(180) }}' as date)
        and months.month_start_date <> cast('{{ window_month(90) }}' as date)

),

final as (

    select
        customer_id,
        {{ exact_money('coalesce(sum(case when is_in_last_90d then revenue end), 0)') }} as revenue_90d,
        {{ exact_money('coalesce(sum(case when not is_in_last_90d then revenue end), 0)') }} as revenue_previous_90d

    from transactions

    group by customer_id

)

select * from final
