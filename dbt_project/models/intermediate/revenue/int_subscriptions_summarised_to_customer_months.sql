-- One row per customer and month at whose end a subscription was active or in which one started.
with

subscriptions as (

    select * from {{ ref('int_subscriptions_resolved') }}

),

months as (

    select * from {{ ref('int_months_listed') }}

),

-- The months at whose end each span was active: for the as-of month, the end of the as-of day.
active as (

    select
        subscriptions.customer_id,
        months.month_start_date,
        subscriptions.monthly_amount,
        1 as active_subscription_count,
        0 as new_service_count

    from subscriptions

    inner join months
        on
            subscriptions.started_local_at < months.counted_until_at
            and coalesce(subscriptions.ended_local_at, {{ end_of_time() }}) >= months.counted_until_at

),

started as (

    select
        customer_id,
        {{ month_start('started_date') }} as month_start_date,
        cast(0 as decimal(18, 2)) as monthly_amount,
        0 as active_subscription_count,
        case when is_new_service then 1 else 0 end as new_service_count

    from subscriptions

),

unioned as (

    select * from active

    union all

    select * from started

),

final as (

    select
        customer_id,
        month_start_date,
        {{ money('sum(monthly_amount)') }} as closing_mrr,
        {{ whole('sum(active_subscription_count)') }} as active_subscription_count,
        {{ whole('sum(new_service_count)') }} as new_service_count

    from unioned

    group by
        customer_id,
        month_start_date

)

select * from final
