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

-- A span ends before `ended_at`: what ends with the month was active at its end.
placed as (

    select
        months.customer_id,
        months.month_start_date,
        subscriptions.monthly_amount,
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

),

final as (

    select
        customer_id,
        month_start_date,
        {{ money('sum(case when was_open_before then monthly_amount else 0 end)') }} as opening_mrr,
        {{ money('sum(case when is_open_at_end then monthly_amount else 0 end)') }} as closing_mrr,
        {{ whole('sum(case when is_open_at_end then 1 else 0 end)') }} as active_subscription_count,
        {{ whole('sum(case when is_new_service then 1 else 0 end)') }} as new_service_count

    from placed

    group by
        customer_id,
        month_start_date

)

select * from final
