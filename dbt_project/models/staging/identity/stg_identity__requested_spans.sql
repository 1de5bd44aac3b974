-- One row per span in which an account had an identifier that a request names (account_key, id_type, id_key, valid_from_at).
{{ config(materialized='table') }}
with

final as (

    {{ concerned_identifiers(ref('stg_identity__unanswered_requests')) }}

)

select * from final
