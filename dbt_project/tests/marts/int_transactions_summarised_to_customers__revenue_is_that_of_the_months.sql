-- A failure means that the revenue of all customers and of 'unknown' is not that of the identifiers' months. Resolve:
-- a join between the months and the customers fans out or drops rows.
with

lives as (

    select coalesce(sum(lifetime_revenue), 0) as revenue from {{ ref('int_transactions_summarised_to_customers') }}

),

months as (

    select coalesce(sum(revenue), 0) as revenue from {{ ref('int_transactions_summarised_to_identifier_months') }}

)

select
    lives.revenue as customers_revenue,
    months.revenue as months_revenue

from lives

cross join months

where lives.revenue <> months.revenue
