-- One row per customer that no release has had (customer_id).
{{ config(materialized='ephemeral') }}
with

registry as (

    {{ registry_before() }}

),

-- All accounts of such a customer have moved to it.
moved as (

    select * from {{ ref('int_accounts_moved') }}

),

final as (

    select
        moved.customer_id,
        count(moved.previous_customer_id) as known_account_count

    from moved

    left join registry
        on moved.customer_id = registry.customer_id

    where registry.customer_id is null

    group by moved.customer_id

)

select * from final
