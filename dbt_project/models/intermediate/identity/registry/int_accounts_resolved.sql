-- One row per account (account_key), with the customer it belongs to now and the one it belonged to at the last release.
with

accounts as (

    select * from {{ ref('int_accounts_grouped') }}

),

registry as (

    {{ registry_before() }}

),

assigned as (

    select
        account_key,
        count(*) as assignment_count,
        max(case when released_at is null then customer_id end) as previous_customer_id

    from registry

    group by account_key

),

known as (

    select
        accounts.*,
        assigned.previous_customer_id,
        coalesce(assigned.assignment_count, 0) as assignment_count,
        row_number() over ( -- one row per account_key
            partition by accounts.group_key
            order by accounts.first_event_at nulls last, accounts.account_key
        ) as position_in_group

    from accounts

    left join assigned
        on accounts.account_key = assigned.account_key

),

-- Split: accounts of one customer are in several groups now. The group that has the earliest of them may keep the id.
heirs as (

    select
        group_key,
        previous_customer_id as customer_id,
        first_event_at,
        row_number() over ( -- one row per account_key
            partition by previous_customer_id
            order by first_event_at nulls last, account_key
        ) as position_in_customer

    from known

    where previous_customer_id is not null

),

-- Merge: a group may keep several ids. The id whose accounts were heard of first is the one it keeps.
survivors as (

    select
        group_key,
        customer_id,
        row_number() over ( -- one row per customer_id
            partition by group_key
            order by first_event_at nulls last, customer_id
        ) as position_in_group

    from heirs

    where position_in_customer = 1

),

groups as (

    select
        founders.group_key,
        founders.account_key as founding_account_key,
        coalesce(survivors.customer_id, {{ mint_customer_id('founders.account_key', 'founders.assignment_count') }})
            as customer_id,
        survivors.customer_id is null as is_minted

    from known as founders

    left join survivors
        on
            founders.group_key = survivors.group_key
            and survivors.position_in_group = 1

    where founders.position_in_group = 1

),

final as (

    select
        known.account_key,
        known.cluster_key,
        known.group_key,
        groups.customer_id,
        known.previous_customer_id,
        known.linked_account_count,
        known.is_merge_refused,
        groups.is_minted,
        known.account_key = groups.founding_account_key as is_founding,
        known.opened_at,
        known.closed_at,
        known.first_event_at

    from known

    inner join groups
        on known.group_key = groups.group_key

)

select * from final
