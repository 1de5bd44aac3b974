-- One row per account that changed its customer, and account that it joined or left (account_key, other_account_key).
with

moves as (

    select * from {{ ref('int_identity_moves_counted') }}

),

moved as (

    select
        accounts.account_key,
        moves.from_customer_id,
        moves.to_customer_id,
        moves.change_type

    from {{ ref('int_accounts_moved') }} as accounts

    inner join moves
        on
            accounts.previous_customer_id = moves.from_customer_id
            and accounts.customer_id = moves.to_customer_id

),

-- Few customers give accounts away in a day: their accounts, and those of who took them, are looked at.
before as (

    {{ customers_held_before(is_among('customer_id', 'moves', 'from_customer_id')) }}

),

concerned as (

    select account_key
    from before

    union

    select account_key
    from {{ ref('int_accounts_identified') }}

    where {{ is_among('customer_id', 'moves', 'to_customer_id') }}

),

accounts as (

    select
        identified.account_key,
        identified.customer_id,
        before.customer_id as previous_customer_id

    from {{ ref('int_accounts_identified') }} as identified

    left join before
        on identified.account_key = before.account_key

    where {{ is_among('identified.account_key', 'concerned') }}

),

-- Of a merge: the accounts beside them now that were not. Of a split: those that were, and are not.
final as (

    select
        moved.account_key,
        others.account_key as other_account_key,
        moved.from_customer_id,
        moved.to_customer_id,
        moved.change_type

    from accounts as others

    inner join moved
        on
            others.customer_id = moved.to_customer_id
            and moved.change_type <> 'split'

    where others.previous_customer_id is null or others.previous_customer_id <> moved.from_customer_id

    union all

    select
        moved.account_key,
        others.account_key as other_account_key,
        moved.from_customer_id,
        moved.to_customer_id,
        moved.change_type

    from accounts as others

    inner join moved
        on
            others.previous_customer_id = moved.from_customer_id
            and moved.change_type = 'split'

    where others.customer_id <> moved.to_customer_id

)

select * from final
