-- One row per request to be erased and account that it may be about (request_id, id_type, id_key, account_key).
{{ config(materialized='table') }}
with

holders as (

    select * from {{ ref('stg_identity__erased_holders') }}

),

recorded as (

    select * from {{ source('state', 'erasures') }}

),

meant as (

    select
        request_id,
        id_type,
        id_key,
        account_key

    from holders

    union all

    select
        request_id,
        id_type,
        id_key,
        account_key

    from recorded

),

opened as (

    {{ opened_accounts('holders', 'recorded') }}

),

final as (

    select
        meant.request_id,
        meant.id_type,
        meant.id_key,
        meant.account_key,
        opened.opened_at

    from meant

    left join opened
        on meant.account_key = opened.account_key

)

select * from final
