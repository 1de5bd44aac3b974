-- One row per span in which any account had an identifier of an erased one (id_type, id_key, account_key, valid_from_at).
{{ config(materialized='table') }}
with

requests as (

    select * from {{ ref('stg_identity__erased_accounts') }}

),

held as (

    select * from {{ ref('stg_identity__erased_involved_spans') }}

),

opened as (

    {{ opened_accounts('held', 'requests') }}

),

final as (

    {{ owned_episodes('held', 'opened') }}

)

select * from final
