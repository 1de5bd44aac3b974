-- One row per customer and month of this build in which a subscription was open.
with

months as (

    select * from {{ ref('int_customer_months_listed') }}

),

subscriptions as (

    select
        *,
        coalesce(ended_local_at, {{ end_of_time() }}) as open_until_at

    from {{ ref('int_subscriptions_resolved') }}

),

rates as (

    select * from {{ ref('int_fx_rates_sampled_to_months') }}

),

-- A price counts at the rate of the month's end: what a month opens with is what the one before closed with.
-- A span ends before `ended_at`: what ends with the month was active at its end.
placed as (

    select
        months.customer_id,
        months.month_start_date,
        {%- for month in ['closing', 'opening'] %}
        case
            when subscriptions.currency = '{{ var("reporting_currency") }}' then subscriptions.monthly_amount
            else {{ monthly_price('subscriptions', month ~ '_rates.rate') }}
        end as {{ month }}_amount,
        {%- endfor %}
        subscriptions.started_local_at < cast(months.month_start_date as timestamp) as was_open_before,
        subscriptions.open_until_at >= months.counted_until_at as is_open_at_end,
        subscriptions.is_new_service
        and subscriptions.started_local_at >= cast(months.month_start_date as timestamp) as is_new_service

    from months

    inner join subscriptions
        on
            months.customer_id = subscriptions.customer_id
            and subscriptions.started_local_at < months.counted_until_at
            and subscriptions.open_until_at >= cast(months.month_start_date as timestamp)

    left join rates as closing_rates
        on
            subscriptions.currency = closing_rates.currency_code
            and months.month_start_date = closing_rates.month_start_date

    left join rates as opening_rates
        on
            subscriptions.currency = opening_rates.currency_code
            and cast({{ dbt.dateadd('month', -1, 'months.month_start_date') }} as date) = opening_rates.month_start_date

),

final as (

    select
        customer_id,
        month_start_date,
        {{ price('sum(case when was_open_before then opening_amount else 0 end)') }} as opening_mrr,
        {{ price('sum(case when is_open_at_end then closing_amount else 0 end)') }} as closing_mrr,
        {{ whole('sum(case when is_open_at_end then 1 else 0 end)') }} as active_subscription_count,
        {{ whole('sum(case when is_new_service then 1 else 0 end)') }} as new_service_count

    from placed

    group by
        customer_id,
        month_start_date

)

select * from final
