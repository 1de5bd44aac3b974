-- One row per group of accounts (group_key), with the customer_id it keeps or is given.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_touched('group_key', ref('int_accounts_touched'), 'account_key') }}",
) }}
with

registry as (

    {{ registry_before(registry=touched_registry()) }}

),

generations as (

    select
        account_key,
        count(*) as assignment_count

    from registry

    group by account_key

),

contended as (

    {{ customers_held_before(registry=touched_registry()) }}

),

contending as (

    select * from {{ ref('int_accounts_grouped') }}

    where {{ is_touched('account_key', 'contended') }}

),

-- Split: the part with the earliest account of those that had the id may keep it.
heirs as (

    select
        contended.customer_id,
        accounts.group_key,
        accounts.first_event_at,
        row_number() over ( -- one row per account_key
            partition by contended.customer_id
            order by accounts.first_event_at nulls last, accounts.account_key
        ) as position_in_customer

    from contending as accounts

    inner join contended
        on accounts.account_key = contended.account_key

),

-- Merge: of the ids a group may keep, the one with the earliest first event survives.
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

founders as (

    select
        group_key,
        account_key,
        row_number() over ( -- one row per account_key
            partition by group_key
            order by first_event_at nulls last, account_key
        ) as position_in_group

    from {{ ref('int_accounts_grouped') }}

    where {{ is_touched('account_key', ref('int_accounts_touched')) }}

),

final as (

    select
        founders.group_key,
        founders.account_key as founding_account_key,
        coalesce(
            survivors.customer_id,
            {{ mint_customer_id('founders.account_key', 'coalesce(generations.assignment_count, 0)') }}
        ) as customer_id,
        survivors.customer_id is null as is_minted

    from founders

    left join survivors
        on
            founders.group_key = survivors.group_key
            and survivors.position_in_group = 1

    left join generations
        on founders.account_key = generations.account_key

    where founders.position_in_group = 1

)

select * from final
