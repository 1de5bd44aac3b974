-- One row per account that has another customer than at the last release, or had none then (account_key).
with

accounts as (

    select * from {{ ref('int_accounts_resolved') }}

),

final as (

    select
        account_key,
        customer_id,
        previous_customer_id

    from accounts

    where
        previous_customer_id is null
        or previous_customer_id <> customer_id

)

select * from final
