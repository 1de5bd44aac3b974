-- One row per version of an account, with its customer (account_key, updated_at).
{{ config(materialized='view') }}
with

accounts as (

    select * from {{ ref('stg_identity__accounts') }}

),

resolved as (

    select * from {{ ref('int_accounts_resolved') }}

),

final as (

    select
        accounts.account_key,
        resolved.customer_id,
        accounts.customer_type,
        accounts.birth_year,
        accounts.region_code,
        accounts.has_analytics_consent,
        accounts.has_marketing_consent,
        accounts.opened_at,
        accounts.closed_at,
        accounts.updated_at,
        coalesce(accounts.updated_at, accounts.opened_at) as known_at

    from accounts

    inner join resolved
        on accounts.account_key = resolved.account_key

)

select * from final
