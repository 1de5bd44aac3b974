-- One row per ownership episode of a touched identifier value (id_type, id_key, account_key, valid_from_at).
with

final as (

    select * from {{ ref('int_identifiers_spanned') }}

    where {{ is_among('id_key', ref('stg_identity__identifiers_touched')) }}

)

select * from final
