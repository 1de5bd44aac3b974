-- One row per span in which any account had an identifier of an erased one (id_type, id_key, account_key, valid_from_at).
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

-- The identifiers that those accounts had in any delivery, and those that a request names and no account held by then.
concerned as (

    select
        id_type,
        id_key

    from (

        {{ accepted_rows('account_identifiers', is_among('delivered.account_key', 'accounts')) }}

    ) as rows_of_accounts

    union

    select
        id_type,
        id_key

    from requests

    where account_key is null

),

held as (

    {{ concerned_identifiers() }}

),

opened as (

    {{ opened_accounts('held', 'requests') }}

),

final as (

    {{ owned_episodes('held', 'opened') }}

)

select * from final
