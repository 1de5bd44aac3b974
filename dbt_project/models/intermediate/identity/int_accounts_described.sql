-- One row per account that any source knows (account_key).
with

account_versions as (

    select * from {{ ref('stg_identity__accounts') }}

),

identifiers as (

    select * from {{ ref('stg_identity__account_identifiers') }}

),

ranked as (

    select
        account_versions.*,
        row_number() over (
            partition by account_key
            order by updated_at desc nulls last, _batch_id desc
        ) as recency

    from account_versions

),

newest as (

    select * from ranked

    where recency = 1

),

-- An account may be known by its identifiers alone.
held as (

    select
        account_key,
        min(valid_from_at) as first_held_at

    from identifiers

    group by account_key

),

known as (

    select account_key
    from newest

    union

    select account_key
    from held

),

final as (

    select
        known.account_key,
        newest.given_name_key,
        newest.birth_date_key,
        newest.birth_year,
        -- What tells holders apart; an account without any attribute is told apart by itself.
        coalesce(
            newest.given_name_key,
            newest.birth_date_key,
            {{ text('newest.birth_year') }}
        ) is not null as has_attributes,
        case
            when
                newest.given_name_key is null
                and newest.birth_date_key is null
                and newest.birth_year is null
                then 'account:' || known.account_key
            else
                coalesce(newest.given_name_key, '')
                || ':' || coalesce(newest.birth_date_key, '')
                || ':' || coalesce({{ text('newest.birth_year') }}, '')
        end as person_key,
        newest.opened_at,
        newest.closed_at,
        coalesce(newest.opened_at, held.first_held_at) as first_event_at

    from known

    left join newest
        on known.account_key = newest.account_key

    left join held
        on known.account_key = held.account_key

)

select * from final
