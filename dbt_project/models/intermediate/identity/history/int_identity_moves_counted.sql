-- One row per change since the last release: a customer created, or accounts gone to another (change_type, from_customer_id, to_customer_id).
with

accounts as (

    select * from {{ ref('int_accounts_resolved') }}

),

registered as (

    select * from {{ ref('int_identity_registered') }}

),

created as (

    select
        customer_id,
        count(*) as account_count

    from accounts

    where is_minted

    group by customer_id

    having count(previous_customer_id) = 0

),

moves as (

    select
        previous_customer_id as from_customer_id,
        customer_id as to_customer_id,
        is_minted,
        count(*) as account_count

    from accounts

    where previous_customer_id <> customer_id

    group by previous_customer_id, customer_id, is_minted

),

-- Customers that an account is still assigned to, whether or not this run sees the account.
holding as (

    select customer_id

    from registered

    where released_at is null

    group by customer_id

),

final as (

    select
        'created' as change_type,
        cast(null as {{ dbt.type_string() }}) as from_customer_id,
        customer_id as to_customer_id,
        account_count

    from created

    union all

    select
        case
            when moves.is_minted then 'split'
            when holding.customer_id is null then 'merged'
            else 'reassigned'
        end as change_type,
        moves.from_customer_id,
        moves.to_customer_id,
        moves.account_count

    from moves

    left join holding
        on moves.from_customer_id = holding.customer_id

)

select * from final
