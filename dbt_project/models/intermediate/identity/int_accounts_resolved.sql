-- One row per account (account_key), with the customer whose it is and whose it was at the last release.
{{ config(materialized='view') }}
with

accounts as (

    select * from {{ ref('int_accounts_identified') }}

),

registry as (

    {{ customers_held_before() }}

),

final as (

    select
        accounts.account_key,
        accounts.customer_id,
        registry.customer_id as previous_customer_id,
        accounts.linked_account_count,
        accounts.is_merge_refused,
        accounts.opened_at,
        accounts.closed_at,
        accounts.first_event_at

    from accounts

    left join registry
        on accounts.account_key = registry.account_key

)

select * from final
