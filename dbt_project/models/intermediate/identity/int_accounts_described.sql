-- One row per account that any source knows (account_key).
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_touched('account_key', ref('stg_identity__accounts_touched')) }}",
) }}
with

account_versions as (

    select * from {{ ref('stg_identity__accounts') }}

    where {{ is_touched('account_key', ref('stg_identity__accounts_touched')) }}

),

ranked as (

    select
        account_versions.*,
        row_number() over ( -- one row per account_key, updated_at
            partition by account_key
            order by updated_at desc nulls last, _batch_id desc
        ) as recency

    from account_versions

),

newest as (

    select * from ranked
    where recency = 1

),

-- Known by its identifiers alone, or by a version that does not say when it was opened.
undated as (

    select touched.account_key

    from {{ ref('stg_identity__accounts_touched') }} as touched

    left join newest
        on touched.account_key = newest.account_key

    where newest.opened_at is null

),

identifiers as (

    select * from {{ ref('stg_identity__account_identifiers') }}

    where {{ is_touched('account_key', 'undated') }}

),

begun as (

    select
        identifiers.account_key,
        min(identifiers.valid_from_at) as began_at

    from identifiers

    left join newest
        on identifiers.account_key = newest.account_key

    where newest.opened_at is null

    group by identifiers.account_key

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
        -- What tells holders apart; an account without any attribute is told apart by itself.
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
