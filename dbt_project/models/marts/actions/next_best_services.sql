-- One row per customer and rank of the services to offer next.
with

customers as (

    select * from {{ ref('int_services_listed_to_customers') }}

    where origin_number = {{ service_origins() | length }}

),

offers as (

    select * from {{ source('estimates', 'next_best_services') }}

),

final as (

    select
        customers.customer_id,
        offers.rank,
        offers.product_code,
        {{ share('offers.probability') }} as probability,
        {{ share('offers.base_probability') }} as base_probability,
        {{ rounded('offers.monthly_price', 2) }} as monthly_price,
        {{ rounded('offers.probability * offers.monthly_price', 2) }} as expected_monthly_revenue,
        offers.reason,
        offers.evidence_count

    from customers

    inner join offers
        on
            customers.held_codes = offers.held_codes
            and customers.cancelled_codes = offers.cancelled_codes

)

select * from final
