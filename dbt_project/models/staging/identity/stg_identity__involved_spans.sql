-- One row per span in which any account had an identifier of an erased one (account_key, id_type, id_key, valid_from_at).
{{ config(materialized='table') }}
with

concerned as (

    select * from {{ ref('stg_identity__involved_identifiers') }}

),

final as (

    {{ concerned_identifiers() }}

)

select * from final
