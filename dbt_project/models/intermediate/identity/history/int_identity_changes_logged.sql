-- One row per change of customers, found by this run or a release before it (changed_at, change_type, from_customer_id, to_customer_id, release_id).
with

before as (

    {{ changes_before() }}

),

detected as (

    select * from {{ ref('int_identity_changes_detected') }}

),

registered as (

    select customer_id

    from {{ ref('int_identity_registered') }}

    group by customer_id

),

-- A change that names a customer without any account in the registry is left out: its accounts were erased.
kept as (

    select before.*

    from before

    inner join registered as givers
        on coalesce(before.from_customer_id, before.to_customer_id) = givers.customer_id

    inner join registered as takers
        on before.to_customer_id = takers.customer_id

),

final as (

    select
        change_type,
        from_customer_id,
        to_customer_id,
        reason,
        release_id,
        account_count,
        changed_at

    from kept

    union all

    select
        change_type,
        from_customer_id,
        to_customer_id,
        reason,
        cast(null as {{ dbt.type_string() }}) as release_id,
        account_count,
        changed_at

    from detected

)

select * from final
