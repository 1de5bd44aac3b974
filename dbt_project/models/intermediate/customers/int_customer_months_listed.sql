-- One row per customer and month since its first activity that this build makes.
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

lived as (

    select
        observed.customer_id,
        months.month_start_date,
        months.counted_until_at,
        months.ended_at

    from observed

    inner join customers
        on observed.customer_id = customers.customer_id

    inner join months
        on observed.first_month_start_date <= months.month_start_date

),

final as (

    select
        customer_id,
        month_start_date,
        counted_until_at,
        ended_at

    from lived

    where {{ is_touched_customer_month() }}

)

select * from final
