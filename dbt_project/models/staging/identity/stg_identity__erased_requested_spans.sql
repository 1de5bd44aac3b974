-- One row per span in which an account had an identifier of an unanswered request (account_key, id_type, id_key, valid_from_at).
{{ config(materialized='table') }}
with

final as (

    {{ concerned_identifiers(ref('stg_identity__erased_requests')) }}

)

select * from final
