-- A failure means that the revenue of a customer's months adds up to something else than that of its transactions, by
-- more than half a cent for each month that was rounded. Resolve: a join between the transactions and customer_months
-- fans out or drops rows.
with

published as (

    select
        customer_id,
        sum(revenue) as revenue

    from {{ ref('customer_months') }}

    group by customer_id

),

lives as (

    select * from {{ ref('int_transactions_summarised_to_customers') }}

    where customer_id <> '{{ unknown_customer_id() }}'

)

select
    count(*) as customer_count,
    sum(coalesce(published.revenue, 0) - coalesce(lives.lifetime_revenue, 0)) as difference

from published

full outer join lives
    on published.customer_id = lives.customer_id

where
    abs(coalesce(published.revenue, 0) - coalesce(lives.lifetime_revenue, 0))
    > 0.005 * coalesce(lives.fractional_count, 0)

having count(*) > 0
