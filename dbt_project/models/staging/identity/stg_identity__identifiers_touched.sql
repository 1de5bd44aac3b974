-- One row per value that a touched account has, or ever had in any delivery, as an identifier (id_key).
{{ config(materialized='table') }}
with

touched as (

    select * from {{ touched_accounts() }}

),

held as (

    select delivered.id_key

    from {{ source('raw', 'account_identifiers') }} as delivered

    where delivered.account_key in (select touched.account_key from touched)

),

final as (

    select id_key
    from held

    union

    select account_key as id_key
    from touched

)

select * from final
