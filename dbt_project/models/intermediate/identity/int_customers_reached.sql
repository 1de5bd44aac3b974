-- One row per customer of a touched account, or of an identifier that a touched account held beside it (customer_id).
with

final as (

    select customer_id
    from {{ ref('int_accounts_identified') }}

    where {{ is_among('account_key', ref('int_accounts_touched')) }}

    union

    -- An identifier of one episode is its holder's, whose account is touched if it is.
    select customer_id
    from {{ ref('int_identifiers_owned') }}

    where {{ is_touched('id_key', ref('int_identifiers_touched')) }}

)

select * from final
