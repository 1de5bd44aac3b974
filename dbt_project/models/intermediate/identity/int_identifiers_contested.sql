-- One row per identifier that more than one account ever held (id_type, id_key).
with

spans as (

    select * from {{ ref('int_identifiers_spanned') }}

),

identifier_types as (

    select * from {{ ref('stg_identity__identifier_types') }}

),

contested as (

    select
        id_type,
        id_key,
        count(distinct account_key) as account_count

    from spans

    group by id_type, id_key

    having count(distinct account_key) > 1

),

final as (

    select
        contested.id_type,
        contested.id_key,
        contested.account_count,
        coalesce(identifier_types.can_be_shared, true) as can_be_shared,
        coalesce(identifier_types.is_shareable, true) as needs_corroboration,
        coalesce(identifier_types.max_customers, 1) as max_customers,
        coalesce(identifier_types.quarantine_days, 0) as quarantine_days

    from contested

    left join identifier_types
        on contested.id_type = identifier_types.id_type

)

select * from final
