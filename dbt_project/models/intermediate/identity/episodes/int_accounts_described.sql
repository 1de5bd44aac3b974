-- One row per account that any source knows (account_key), with what tells its holder apart.
with

versions as (

    select * from {{ ref('stg_identity__accounts') }}

),

identifiers as (

    select * from {{ ref('stg_identity__account_identifiers') }}

),

ranked as (

    select
        versions.*,
        row_number() over ( -- one row per account_key, updated_at
            partition by account_key
            order by updated_at desc nulls last, _batch_id desc
        ) as recency

    from versions

),

newest as (

    select * from ranked
    where recency = 1

),

begun as (

    select
        account_key,
        min(valid_from_at) as began_at

    from identifiers

    group by account_key

),

-- An account may be known by its identifiers alone.
known as (

    select
        coalesce(newest.account_key, begun.account_key) as account_key,
        newest.given_name_key,
        newest.birth_date_key,
        newest.birth_year,
        newest.opened_at,
        newest.closed_at,
        coalesce(newest.opened_at, begun.began_at, newest.updated_at) as first_event_at

    from newest

    full outer join begun
        on newest.account_key = begun.account_key

),

final as (

    select
        account_key,
        given_name_key,
        birth_date_key,
        birth_year,
        -- Accounts with equal keys may be of one person; an account without attributes has a key of its own.
        coalesce(given_name_key, birth_date_key, {{ text('birth_year') }}) is not null as has_attributes,
        case
            when given_name_key is null and birth_date_key is null and birth_year is null
                then 'account:' || account_key
            else
                coalesce(given_name_key, '')
                || ':' || coalesce(birth_date_key, '')
                || ':' || coalesce({{ text('birth_year') }}, '')
        end as person_key,
        opened_at,
        closed_at,
        first_event_at

    from known

)

select * from final
