-- One row per account that has, by the last release, a customer_id that a touched account has (account_key).
{{ config(materialized='ephemeral') }}
with

claimed as (

    {{ customers_held_before(is_touched('account_key', ref('int_accounts_touched'))) }}

),

final as (

    {{ customers_held_before(is_touched('customer_id', 'claimed')) }}

)

select * from final
