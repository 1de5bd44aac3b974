-- One row per request to be erased and account that it may be about (request_id, id_type, id_key, account_key).
{{ config(materialized='table') }}
with

requests as (

    {{ newest_rows('erasure_requests', ['request_id']) }}

),

recorded as (

    select * from {{ source('state', 'erasures') }}

),

unanswered as (

    {{ unanswered_requests() }}

),

concerned as (

    select
        id_type,
        id_key

    from unanswered

    where id_type <> 'account_id'

    group by id_type, id_key

),

held as (

    {{ concerned_identifiers() }}

),

named as (

    select account_key
    from held

    union

    select id_key as account_key
    from unanswered

    where id_type = 'account_id'

),

opened as (

    {{ opened_accounts('named', 'recorded') }}

),

episodes as (

    {{ owned_episodes('held', 'opened') }}

),

meant as (

    {{ holders_when_asked() }}

    union all

    select
        request_id,
        id_type,
        id_key,
        id_key as account_key

    from unanswered

    where id_type = 'account_id'

    union all

    select
        request_id,
        id_type,
        id_key,
        account_key

    from recorded

),

final as (

    select
        meant.request_id,
        meant.id_type,
        meant.id_key,
        meant.account_key,
        opened.opened_at

    from meant

    left join opened
        on meant.account_key = opened.account_key

)

select * from final
