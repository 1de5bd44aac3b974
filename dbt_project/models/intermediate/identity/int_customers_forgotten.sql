-- One row per customer of the last release of whom an account was erased since (customer_id).
with

registry as (

    {{ registry_before() }}

),

erased as (

    select id_key as account_key

    from {{ ref('stg_identity__erased_identifiers') }}

    where id_type = 'account_id'

    group by id_key

),

final as (

    select registry.customer_id

    from registry

    inner join erased
        on registry.account_key = erased.account_key

    group by registry.customer_id

)

select * from final
