-- One row per account and assignment of a customer_id to it, past ones included (account_key, assignment_number).
with

registry as (

    {{ registry_before() }}

),

accounts as (

    select * from {{ ref('int_accounts_resolved') }}

),

erased as (

    select account_key

    from {{ ref('stg_identity__erased_accounts') }}

    group by account_key

),

moved as (

    select
        account_key,
        customer_id

    from accounts

    where previous_customer_id is null or previous_customer_id <> customer_id

),

-- An account that this run does not see keeps its customer; the assignments of an erased account are left out.
kept as (

    select
        registry.account_key,
        registry.customer_id,
        -- Two runs of one as-of day assign at the same instant, so the instant is no key: assignments are numbered.
        row_number() over (
            -- one row per account_key, assigned_at, released_at, customer_id: of a day's flips some are equal, whole
            partition by registry.account_key
            order by registry.assigned_at, registry.released_at nulls last, registry.customer_id
        ) as assignment_number,
        registry.assigned_at,
        case
            when registry.released_at is null and moved.customer_id <> registry.customer_id
                then greatest(registry.assigned_at, {{ as_of_end_at() }})
            else registry.released_at
        end as released_at

    from registry

    left join moved
        on registry.account_key = moved.account_key

    left join erased
        on registry.account_key = erased.account_key

    where erased.account_key is null

),

counted as (

    select
        account_key,
        max(assignment_number) as assignment_count

    from kept

    group by account_key

),

final as (

    select
        account_key,
        customer_id,
        {{ whole('assignment_number') }} as assignment_number,
        assigned_at,
        released_at

    from kept

    union all

    select
        moved.account_key,
        moved.customer_id,
        {{ whole('coalesce(counted.assignment_count, 0) + 1') }} as assignment_number,
        {{ as_of_end_at() }} as assigned_at,
        cast(null as timestamp) as released_at

    from moved

    left join counted
        on moved.account_key = counted.account_key

)

select * from final
