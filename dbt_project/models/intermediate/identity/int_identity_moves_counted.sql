-- One row per pair of customers between which accounts moved since the last release (from_customer_id, to_customer_id).
with

moved as (

    select * from {{ ref('int_accounts_moved') }}

),

minted as (

    select * from {{ ref('int_customers_minted') }}

),

moves as (

    select
        previous_customer_id as from_customer_id,
        customer_id as to_customer_id,
        count(*) as account_count

    from moved

    where previous_customer_id is not null

    group by previous_customer_id, customer_id

),

-- An account that this run does not see still holds its customer.
holding as (

    select customer_id

    from {{ ref('int_identity_registered') }}

    where
        released_at is null
        and {{ is_among('customer_id', 'moves', 'from_customer_id') }}

    group by customer_id

),

final as (

    select
        moves.from_customer_id,
        moves.to_customer_id,
        case
            when minted.customer_id is not null then 'split'
            when holding.customer_id is null then 'merged'
            else 'reassigned'
        end as change_type,
        moves.account_count

    from moves

    left join minted
        on moves.to_customer_id = minted.customer_id

    left join holding
        on moves.from_customer_id = holding.customer_id

)

select * from final
