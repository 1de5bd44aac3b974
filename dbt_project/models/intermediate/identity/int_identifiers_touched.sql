-- One row per identifier value whose owners may differ from the last build's (id_key).
with

final as (

    select id_key
    from {{ ref('stg_identity__identifiers_touched') }}

    union

    select id_key
    from {{ ref('int_identifiers_spanned') }}

    where {{ is_among('account_key', ref('int_accounts_touched')) }}

)

select * from final
