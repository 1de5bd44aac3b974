-- One row per origin and set of services that customers held, had cancelled and took after.
with

customers as (

    select * from {{ ref('int_services_listed_to_customers') }}

),

final as (

    select
        origin_number,
        origin_date,
        held_codes,
        cancelled_codes,
        taken_codes,
        {{ whole('count(*)') }} as customer_count

    from customers

    group by
        origin_number,
        origin_date,
        held_codes,
        cancelled_codes,
        taken_codes

)

select * from final
