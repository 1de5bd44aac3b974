-- One row per customer and other customer with whom it has shared an identifier at one time.
with

shared as (

    select
        id_type,
        id_key,
        customer_id,
        valid_from_date,
        valid_to_date

    from {{ ref('int_identifiers_resolved') }}

    where is_shared and valid_from_date < valid_to_date

),

final as (

    select
        holders.customer_id,
        others.customer_id as neighbour_customer_id,
        min(greatest(holders.valid_from_date, others.valid_from_date)) as shared_from_date,
        max(least(holders.valid_to_date, others.valid_to_date)) as shared_to_date

    from shared as holders

    inner join shared as others
        on
            holders.id_type = others.id_type
            and holders.id_key = others.id_key
            and holders.customer_id <> others.customer_id
            and holders.valid_from_date < others.valid_to_date
            and others.valid_from_date < holders.valid_to_date

    group by
        holders.customer_id,
        others.customer_id

)

select * from final
