-- One row per value that a touched account has, or ever had in any delivery, as an identifier (id_key).
{{ config(materialized='table') }}
with

touched as (

    select * from {{ ref('stg_identity__accounts_touched') }}

),

held as (

    select id_key

    from {{ ref('stg_identity__identifier_rows_touched') }}

),

final as (

    select id_key
    from held

    union

    select account_key as id_key
    from touched

)

select * from final
