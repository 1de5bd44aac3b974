-- One row per customer of whose region a source tells: whether it is another than it was.
{{ config(materialized='view') }}
with

versions as (

    select * from {{ ref('int_account_versions_resolved') }}

),

-- A version that does not say the region moves nobody.
followed as (

    select
        customer_id,
        known_at,
        region_code,
        lag(region_code) over (
            -- one row per account_key, updated_at
            partition by account_key
            order by updated_at nulls first
        ) as previous_region_code

    from versions

    where region_code is not null

),

moves as (

    select
        customer_id,
        max(case when region_code <> previous_region_code then known_at end) as moved_at

    from followed

    group by customer_id

),

final as (

    select
        customer_id,
        {{ business_date('moved_at') }} as moved_date,
        coalesce({{ business_date('moved_at') }} > {{ as_of_day_minus(30) }}, false) as has_moved_region

    from moves

)

select * from final
