-- One row per span in which an account had an identifier that a request names (account_key, id_type, id_key, valid_from_at).
{{ config(materialized='table') }}
with

concerned as (

    select
        id_type,
        id_key

    from {{ ref('stg_identity__unanswered_requests') }}

    where id_type <> 'account_id'

),

final as (

    {{ concerned_identifiers() }}

)

select * from final
