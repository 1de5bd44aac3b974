-- One row per identifier, erased account and span in which it was theirs (id_type, id_key, account_key, erased_from_at).
{{ config(materialized='table') }}
with

requests as (

    select * from {{ ref('stg_identity__erased_accounts') }}

),

episodes as (

    select * from {{ ref('stg_identity__erased_episodes') }}

),

spans as (

    select * from {{ ref('stg_identity__erased_spans') }}

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

-- Left out whenever it arrives: the own id of an erased account, and an identifier that a request names and no account
-- ever held.
always as (

    select
        'account_id' as id_type,
        account_key as id_key,
        account_key

    from requests

    where account_key is not null

    union

    select
        requests.id_type,
        requests.id_key,
        requests.account_key

    from requests

    left join episodes
        on
            requests.id_type = episodes.id_type
            and requests.id_key = episodes.id_key

    where
        requests.account_key is null
        and episodes.id_key is null

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

    select
        id_type,
        id_key,
        account_key,
        {{ beginning_of_time() }} as erased_from_at,
        {{ end_of_time() }} as erased_to_at,
        {{ beginning_of_days() }} as erased_from_date,
        {{ end_of_days() }} as erased_to_date

    from always

)

select * from final
