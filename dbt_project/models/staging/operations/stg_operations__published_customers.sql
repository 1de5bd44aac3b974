-- One row per customer of the last release.
with

customers as (

    select * from {{ source('state', 'published_customers') }}

),

final as (

    select customer_id

    from customers

)

select * from final
