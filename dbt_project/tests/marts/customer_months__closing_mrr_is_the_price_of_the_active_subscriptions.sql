-- A failure means that the recurring revenue of the as-of month is not the price of the active subscriptions.
-- Resolve: a join between the subscriptions and customer_months fans out or drops rows.
with

published as (

    select coalesce(sum(closing_mrr), 0) as closing_mrr

    from {{ ref('customer_months') }}

    where month_start_date = {{ month_start(as_of_date()) }}

),

active as (

    select coalesce(sum(monthly_recurring_revenue), 0) as closing_mrr

    from {{ ref('int_subscriptions_summarised_to_customers') }}

    where customer_id <> '{{ unknown_customer_id() }}'

)

select
    published.closing_mrr as published_mrr,
    active.closing_mrr as active_mrr

from published

cross join active

where published.closing_mrr <> active.closing_mrr
