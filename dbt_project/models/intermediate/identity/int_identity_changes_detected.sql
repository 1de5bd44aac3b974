-- One row per customer that came to be or gave accounts to another since the last release (change_type, from_customer_id, to_customer_id).
with

accounts as (

    select * from {{ ref('int_accounts_identified') }}

),

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

living as (

    select
        accounts.customer_id,
        count(*) as account_count

    from accounts

    inner join (

        select customer_id
        from minted

        union

        select from_customer_id as customer_id
        from moves

    ) as concerned
        on accounts.customer_id = concerned.customer_id

    group by accounts.customer_id

),

changes as (

    select
        case
            when minted.customer_id is not null then 'split'
            when living.customer_id is null then 'merged'
            else 'reassigned'
        end as change_type,
        moves.from_customer_id,
        moves.to_customer_id,
        moves.account_count

    from moves

    left join minted
        on moves.to_customer_id = minted.customer_id

    left join living
        on moves.from_customer_id = living.customer_id

    union all

    select
        'created' as change_type,
        cast(null as {{ dbt.type_string() }}) as from_customer_id,
        minted.customer_id as to_customer_id,
        living.account_count

    from minted

    inner join living
        on minted.customer_id = living.customer_id

    where minted.known_account_count = 0

),

final as (

    select
        {{ as_of_end_at() }} as changed_at,
        change_type,
        from_customer_id,
        to_customer_id,
        account_count,
        case change_type
            when 'created' then 'accounts not seen before'
            when 'merged' then 'an identifier now links all its accounts to an earlier customer'
            when 'split' then 'its accounts are no longer linked'
            else 'accounts are now linked to another customer'
        end as reason

    from changes

)

select * from final
