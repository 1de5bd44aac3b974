-- One row per customer and month in which a plan changed, an add-on lapsed or a contract was about to end.
{%- set ending_days = var('policy').profile.contract_ending_days %}
with

spans as (

    select
        *,
        {{ business_date('contract_ends_at') }} as contract_ends_date,
        lead(started_at) over (
            -- one row per subscription_id, started_at
            partition by customer_id, subscription_id
            order by started_at
        ) as next_started_at

    from {{ ref('int_subscriptions_resolved') }}

    where customer_id <> '{{ unknown_customer_id() }}'

),

months as (

    select
        month_start_date,
        ended_at,
        {{ last_day_before('counted_until_at') }} as last_date

    from {{ ref('int_months_listed') }}

),

-- Months at whose end a contract may be about to end, none below 28 days: rows meet by month, not all with all.
contracts as (
    {%- for days in range(0, ending_days + 29, 28) %}

    select
        customer_id,
        contract_ends_date,
        started_at,
        ended_at,
        cast({{ dbt.dateadd('month', -loop.index0, month_start('contract_ends_date')) }} as date) as month_start_date

    from spans

    where contract_ends_date is not null
    {%- if not loop.last %}

    union all
    {%- endif %}
    {%- endfor %}

),

changes as (

    select
        customer_id,
        {{ month_start('started_date') }} as month_start_date,
        'plan_changed' as signal_code

    from spans

    where is_plan_change

    union all

    -- One that goes on in its next version has not lapsed.
    select
        customer_id,
        {{ business_month('ended_at') }} as month_start_date,
        'lapsed_add_on' as signal_code

    from spans

    where
        product_type = 'add_on'
        and {{ happened_by_as_of('ended_at') }}
        and (next_started_at is null or next_started_at > ended_at)

    union all

    select
        contracts.customer_id,
        months.month_start_date,
        'contract_ending' as signal_code

    from contracts

    inner join months
        on
            contracts.month_start_date = months.month_start_date
            and contracts.contract_ends_date >= months.last_date
            and contracts.contract_ends_date <= {{ days_after('months.last_date', ending_days) }}
            and contracts.started_at < months.ended_at
            and coalesce(contracts.ended_at, {{ end_of_time() }}) >= months.ended_at

),

final as (

    select
        customer_id,
        month_start_date,
        max(case when signal_code = 'contract_ending' then 1 else 0 end) as is_contract_ending,
        max(case when signal_code = 'plan_changed' then 1 else 0 end) as is_plan_changed,
        max(case when signal_code = 'lapsed_add_on' then 1 else 0 end) as is_lapsed_add_on

    from changes

    group by
        customer_id,
        month_start_date

)

select * from final
