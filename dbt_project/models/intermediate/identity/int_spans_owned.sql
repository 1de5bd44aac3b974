-- One row per ownership episode of an identifier whose owners may differ from the last build's (id_type, id_key, account_key, valid_from_at).
with

final as (

    select * from {{ ref('int_identifiers_spanned') }}

    where {{ is_among('id_key', ref('int_identifiers_touched')) }}

)

select * from final
