-- One row per customer and month since its first activity: the rows of customer_months.
{{ config(materialized='view') }}
with

customers as (

    select * from {{ ref('int_customers_resolved') }}

),

observed as (

    select * from {{ ref('int_customers_observed') }}

),

months as (

    select * from {{ ref('int_months_listed') }}

),

final as (

    select
        observed.customer_id,
        months.month_start_date

    from observed

    inner join customers
        on observed.customer_id = customers.customer_id

    inner join months
        on observed.first_month_start_date <= months.month_start_date

)

select * from final
