-- One row per span in which any account had an identifier of an erased one (account_key, id_type, id_key, valid_from_at).
{{ config(materialized='table') }}
with

final as (

    {{ concerned_identifiers(ref('stg_identity__erased_involved_identifiers')) }}

)

select * from final
