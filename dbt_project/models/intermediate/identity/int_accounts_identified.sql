-- One row per account (account_key), with its group and the customer whose it is.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_touched('account_key', ref('int_accounts_touched')) }}",
) }}
with

accounts as (

    select * from {{ ref('int_accounts_grouped') }}

    where {{ is_touched('account_key', ref('int_accounts_touched')) }}

),

customers as (

    select * from {{ ref('int_groups_identified') }}

    where {{ is_touched('group_key', ref('int_accounts_touched'), 'account_key') }}

),

final as (

    select
        accounts.account_key,
        customers.customer_id,
        accounts.linked_account_count,
        accounts.is_merge_refused,
        accounts.opened_at,
        accounts.closed_at,
        accounts.first_event_at

    from accounts

    inner join customers
        on accounts.group_key = customers.group_key

)

select * from final
