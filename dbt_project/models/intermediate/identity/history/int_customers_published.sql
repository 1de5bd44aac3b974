-- One row per customer of the last release (customer_id).
with

published as (

    {{ customers_before() }}

),

registry as (

    {{ registry_before() }}

),

erased as (

    select account_key

    from {{ ref('stg_identity__erased_accounts') }}

    group by account_key

),

forgotten as (

    select registry.customer_id

    from registry

    inner join erased
        on registry.account_key = erased.account_key

    group by registry.customer_id

),

final as (

    select
        published.customer_id,
        forgotten.customer_id is not null as is_forgotten

    from published

    left join forgotten
        on published.customer_id = forgotten.customer_id

)

select * from final
