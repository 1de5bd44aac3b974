-- Revenue of all customers and of nobody is that of the transactions, to the cent. Resolve: a join
-- between the transactions and customer_months fans out or drops rows.
with

published as (

    select coalesce(sum(revenue), 0) as revenue from {{ ref('customer_months') }}

),

unowned as (

    select coalesce(sum(lifetime_revenue), 0) as revenue

    from {{ ref('int_transactions_summarised_to_customers') }}

    where customer_id = '{{ unknown_customer_id() }}'

),

summed as (

    select coalesce(sum(revenue), 0) as revenue from {{ ref('int_transactions_summarised_to_identifier_months') }}

)

select
    published.revenue as published_revenue,
    unowned.revenue as unowned_revenue,
    summed.revenue as summed_revenue

from published

cross join unowned

cross join summed

where published.revenue + unowned.revenue <> summed.revenue
