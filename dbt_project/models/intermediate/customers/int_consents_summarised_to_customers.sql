-- One row per customer with an account: what all of its accounts together consent to.
{{ config(materialized='view') }}
with

versions as (

    select * from {{ ref('int_account_versions_resolved') }}

),

numbered as (

    select
        *,
        coalesce(closed_at >= {{ as_of_end_at() }}, true) as is_open,
        row_number() over (
            -- one row per account_key, updated_at
            partition by account_key
            order by updated_at desc nulls last, opened_at desc nulls last
        ) as version_number

    from versions

),

-- The most restrictive of the accounts: a refusal binds even of a closed one, which is not asked any more.
final as (

    select
        customer_id,
        coalesce(
            min(case when has_analytics_consent then 1 when is_open or not has_analytics_consent then 0 end) = 1, false
        ) as has_analytics_consent,
        coalesce(
            min(case when has_marketing_consent then 1 when is_open or not has_marketing_consent then 0 end) = 1, false
        ) as has_marketing_consent

    from numbered

    where version_number = 1

    group by customer_id

)

select * from final
