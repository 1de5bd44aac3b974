-- One row per account of which something was delivered, or came of age, since the last build (account_key).
{{ config(materialized='table') }}
with

delivered as (

    {{ newly_delivered_accounts('accounts', ['opened_at', 'updated_at']) }}

    union all

    {{ newly_delivered_accounts('account_identifiers', ['valid_from_at']) }}

),

erased as (

    {{ erased_anew() }}

),

final as (

    select account_key
    from delivered

    union

    select account_key
    from erased

)

select * from final
