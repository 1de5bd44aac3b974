-- One row per identifier, erased account and span in which it was theirs (id_type, id_key, account_key, erased_from_at).
{{ config(materialized='table') }}
with

requests as (

    select * from {{ ref('stg_identity__erased_accounts') }}

),

accounts as (

    select account_key

    from requests

    where account_key is not null

    group by account_key

),

unclaimed as (

    select
        id_type,
        id_key

    from requests

    where account_key is null

    group by id_type, id_key

),

concerned as (

    {{ identifiers_of('accounts') }}

    union

    select
        id_type,
        id_key
    from unclaimed

),

held as (

    {{ concerned_identifiers() }}

),

opened as (

    {{ opened_accounts('held', 'requests') }}

),

episodes as (

    {{ owned_episodes('held', 'opened') }}

),

anchors as (

    {{ anchors_among_identifiers() }}

),

spans as (

    {{ ended_spans() }}

),

pieces as (

    {{ held_pieces('episodes', ['id_type', 'id_key']) }}

),

judged_days as (

    {{ judged_days() }}

),

dated as (

    {{ dated_spans() }}

),

final as (

    select
        id_type,
        id_key,
        account_key,
        valid_from_at as erased_from_at,
        valid_to_at as erased_to_at,
        valid_from_date as erased_from_date,
        valid_to_date as erased_to_date

    from dated

    union all

    {{ erased_for_all_time() }}

)

select * from final
