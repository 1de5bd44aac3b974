-- One row per kind of identifier (id_type), with its policy.
with

identifier_types as (

    select * from {{ source('configuration', 'identifier_types') }}

),

final as (

    select
        id_type,
        max_customers,
        quarantine_days,
        is_personal,
        is_shareable,
        is_anchor,
        is_shareable or max_customers > 1 as can_be_shared

    from identifier_types

)

select * from final
