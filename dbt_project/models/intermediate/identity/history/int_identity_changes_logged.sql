-- One row per change of customers, of this run and of all releases before it (changed_at, change_type, from_customer_id, to_customer_id, release_id).
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

-- Whose accounts were erased leaves no trace here either.
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
