-- One row per customer and month in which a plan changed, an add-on lapsed or a contract was about to end.
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
        spans.customer_id,
        months.month_start_date,
        'contract_ending' as signal_code

    from spans

    inner join months
        on
            spans.contract_ends_date >= months.last_date
            and spans.contract_ends_date
            <= {{ days_after('months.last_date', var('policy').profile.contract_ending_days) }}
            and spans.started_at < months.ended_at
            and coalesce(spans.ended_at, {{ end_of_time() }}) >= months.ended_at

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
