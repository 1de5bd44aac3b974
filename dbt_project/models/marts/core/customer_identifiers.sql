-- One row per identifier, span of ownership, and customer (a shared identifier has several).
with

identifiers as (

    select * from {{ ref('int_identifiers_resolved') }}

),

final as (

    select
        id_type,
        id_key,
        customer_id,
        evidence,
        match_probability,
        rule_version,
        is_shared,
        valid_from_at,
        valid_to_at,
        quarantined_until_at

    from identifiers

)

select * from final
