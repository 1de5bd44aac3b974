-- One row per origin and customer who had a service then: the services held, cancelled and taken after.
with

services as (

    select * from {{ ref('int_services_found_to_origins') }}

),

final as (

    select
        origin_number,
        origin_date,
        customer_id,
        {{ listed_services('held_code') }} as held_codes,
        {{ listed_services('cancelled_code') }} as cancelled_codes,
        {{ listed_services('taken_code') }} as taken_codes

    from services

    group by
        origin_number,
        origin_date,
        customer_id

    having max(case when held_code is not null then 1 else 0 end) = 1

)

select * from final
