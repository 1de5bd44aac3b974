-- One row per span in which an identifier belonged to a touched account (account_key, id_type, id_key, valid_from_at).
with

newest as (

    {{ standing_rows('account_identifiers', rows=ref('stg_identity__identifier_rows_touched')) }}

),

final as (

    {{ known_identifiers('newest') }}

)

select * from final
