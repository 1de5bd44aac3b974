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

nameless as (

    select touched.account_key

    from {{ ref('stg_identity__accounts_touched') }} as touched

    left join newest
        on touched.account_key = newest.account_key

    where newest.account_key is null

),

identifiers as (

    select * from {{ ref('stg_identity__account_identifiers') }}

    where {{ is_touched('account_key', 'nameless') }}

),

known as (

    select
        account_key,
        given_name_key,
        birth_date_key,
        birth_year,
        opened_at,
        closed_at,
        opened_at as first_event_at

    from newest

    union all

    -- An account may be known by its identifiers alone.
    select
        identifiers.account_key,
        cast(null as {{ dbt.type_string() }}) as given_name_key,
        cast(null as {{ dbt.type_string() }}) as birth_date_key,
        cast(null as bigint) as birth_year,
        cast(null as timestamp) as opened_at,
        cast(null as timestamp) as closed_at,
        min(identifiers.valid_from_at) as first_event_at

    from identifiers

    left join newest
        on identifiers.account_key = newest.account_key

    where newest.account_key is null

    group by identifiers.account_key

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
