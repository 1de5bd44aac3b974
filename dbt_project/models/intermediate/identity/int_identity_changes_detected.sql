-- One row per customer that came to be or gave accounts to another since the last release (change_type, from_customer_id, to_customer_id).
with

moves as (

    select * from {{ ref('int_identity_moves_counted') }}

),

causes as (

    select * from {{ ref('int_identity_causes_found') }}

),

inputs as (

    select * from {{ ref('stg_operations__input_changes') }}

),

minted as (

    select * from {{ ref('int_customers_minted') }}

),

living as (

    select
        accounts.customer_id,
        count(*) as account_count

    from {{ ref('int_accounts_identified') }} as accounts

    inner join minted
        on accounts.customer_id = minted.customer_id

    group by accounts.customer_id

),

told as (

    select
        from_customer_id,
        to_customer_id,
        {{ dbt.listagg("id_type || ' ' || cause", "', '", "order by id_type, cause") }} as causes

    from causes

    group by from_customer_id, to_customer_id

),

since as (

    select {{ dbt.listagg('description', "', '", 'order by change_type') }} as changes

    from inputs

),

changes as (

    select
        moves.change_type,
        moves.from_customer_id,
        moves.to_customer_id,
        moves.account_count,
        coalesce(told.causes, 'its accounts have no identifier in common any more')
        || coalesce('; since the release before: ' || since.changes, '') as reason

    from moves

    left join told
        on
            moves.from_customer_id = told.from_customer_id
            and moves.to_customer_id = told.to_customer_id

    cross join since

    union all

    select
        'created' as change_type,
        cast(null as {{ dbt.type_string() }}) as from_customer_id,
        minted.customer_id as to_customer_id,
        living.account_count,
        'accounts not seen before' as reason

    from minted

    inner join living
        on minted.customer_id = living.customer_id

    where minted.known_account_count = 0

),

final as (

    select
        change_type,
        from_customer_id,
        to_customer_id,
        account_count,
        reason,
        {{ as_of_end_at() }} as changed_at

    from changes

)

select * from final
