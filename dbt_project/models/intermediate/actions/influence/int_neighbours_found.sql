-- One row per customer, other customer near it and how they are (customer_id, neighbour_customer_id, relation_type).
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

relations as (

    select * from {{ ref('int_relationships_resolved') }}

),

near as (

    select
        holders.customer_id,
        others.customer_id as neighbour_customer_id,
        'household' as relation_type,
        greatest(holders.valid_from_date, others.valid_from_date) as near_from_date,
        least(holders.valid_to_date, others.valid_to_date) as near_to_date

    from shared as holders

    inner join shared as others
        on
            holders.id_type = others.id_type
            and holders.id_key = others.id_key
            and holders.customer_id <> others.customer_id
            and holders.valid_from_date < others.valid_to_date
            and others.valid_from_date < holders.valid_to_date

    union all

    select
        customer_id,
        to_customer_id as neighbour_customer_id,
        relation_type,
        since_date as near_from_date,
        until_date as near_to_date

    from relations

    union all

    -- Only a referral has a direction: whoever was referred leads nobody by it.
    select
        to_customer_id as customer_id,
        customer_id as neighbour_customer_id,
        relation_type,
        since_date as near_from_date,
        until_date as near_to_date

    from relations

    where relation_type <> 'referral'

),

final as (

    select
        customer_id,
        neighbour_customer_id,
        relation_type,
        min(near_from_date) as near_from_date,
        max(near_to_date) as near_to_date

    from near

    group by
        customer_id,
        neighbour_customer_id,
        relation_type

)

select * from final
