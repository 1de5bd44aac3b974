-- One row per account that has another customer than at the last release, or had none then (account_key).
with

accounts as (

    select * from {{ ref('int_accounts_identified') }}

    where {{ may_differ_from_release('account_key') }}

),

held as (

    {{ customers_held_before(may_differ_from_release('account_key'), registry_that_may_differ()) }}

),

final as (

    select
        accounts.account_key,
        accounts.customer_id,
        held.customer_id as previous_customer_id

    from accounts

    left join held
        on accounts.account_key = held.account_key

    where
        held.customer_id is null
        or held.customer_id <> accounts.customer_id

)

select * from final
