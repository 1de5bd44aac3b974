-- One row per customer with an account: the attributes of its newest version, and what it consents to.
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
        coalesce(accounts.closed_at >= {{ as_of_end_at() }}, true) as is_open,
        row_number() over (
            -- one row per account_key, updated_at
            partition by accounts.account_key order by accounts.updated_at desc nulls last
        ) as version_number

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
            order by known_at desc nulls last, opened_at desc nulls last, account_key desc, updated_at desc nulls last
        ) as position_number

    from versions

),

-- The most restrictive of the accounts: a refusal binds even of a closed one, which is not asked any more.
consents as (

    select
        {%- for consent in ['has_analytics_consent', 'has_marketing_consent'] %}
        coalesce(min(case when {{ consent }} then 1 when is_open or not {{ consent }} then 0 end) = 1, false)
            as {{ consent }},
        {%- endfor %}
        customer_id

    from versions

    where version_number = 1

    group by customer_id

),

-- A version that does not say the region moves nobody.
placed as (

    select
        customer_id,
        known_at,
        region_code,
        lag(region_code) over (
            -- one row per account_key, updated_at
            partition by account_key order by updated_at nulls first
        ) as previous_region_code

    from versions

    where region_code is not null

),

moves as (

    select
        customer_id,
        max(case when region_code <> previous_region_code then known_at end) as moved_at

    from placed

    group by customer_id

),

final as (

    select
        numbered.customer_id,
        numbered.customer_type,
        numbered.region_code,
        {{ age_band('numbered.birth_year') }} as age_band,
        consents.has_analytics_consent,
        consents.has_marketing_consent,
        coalesce({{ business_date('moves.moved_at') }} > {{ as_of_day_minus(30) }}, false) as has_moved_region

    from numbered

    inner join consents
        on numbered.customer_id = consents.customer_id

    left join moves
        on numbered.customer_id = moves.customer_id

    where numbered.position_number = 1

)

select * from final
