-- One row per identifier of an account that a request may be about (id_type, id_key).
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
final as (

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

)

select * from final
