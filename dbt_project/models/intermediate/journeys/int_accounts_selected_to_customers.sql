-- One row per customer with its newest account version: the attributes that hold now.
with

accounts as (

    select * from {{ ref('stg_identity__accounts') }}

),

resolved as (

    select * from {{ ref('int_accounts_resolved') }}

),

versions as (

    select
        resolved.customer_id,
        accounts.*,
        coalesce(accounts.updated_at, accounts.opened_at) as known_at,
        lag(accounts.region_code) over (
            -- one row per account_key, updated_at
            partition by accounts.account_key
            order by accounts.updated_at nulls first
        ) as previous_region_code

    from accounts

    inner join resolved
        on accounts.account_key = resolved.account_key

),

numbered as (

    select
        *,
        row_number() over (
            -- one row per account_key, updated_at
            partition by customer_id
            order by known_at desc, opened_at desc, account_key desc, updated_at desc nulls last
        ) as version_number

    from versions

),

moves as (

    select
        customer_id,
        max(known_at) as moved_at

    from versions

    where region_code <> previous_region_code

    group by customer_id

),

final as (

    select
        numbered.customer_id,
        numbered.customer_type,
        numbered.region_code,
        {{ age_band('numbered.birth_year') }} as age_band,
        coalesce(numbered.has_analytics_consent, false) as has_analytics_consent,
        coalesce(numbered.has_marketing_consent, false) as has_marketing_consent,
        coalesce({{ business_date('moves.moved_at') }} > {{ as_of_day_minus(30) }}, false) as has_moved_region

    from numbered

    left join moves
        on numbered.customer_id = moves.customer_id

    where numbered.version_number = 1

)

select * from final
