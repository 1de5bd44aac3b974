-- One row per account that has, by the last release, a customer_id that a touched account has (account_key).
{{ config(materialized='ephemeral') }}
with

registry as (

    {{ registry_before() }}

),

claimed as (

    select customer_id

    from registry

    where
        released_at is null
        and {{ is_touched(['account_key'], ref('int_accounts_touched')) }}

    group by customer_id

),

final as (

    select
        registry.account_key,
        registry.customer_id

    from registry

    inner join claimed
        on registry.customer_id = claimed.customer_id

    where registry.released_at is null

)

select * from final
