-- One row per customer with a subscription, as of the as-of date.
with

subscriptions as (

    select
        subscriptions.*,
        max(case when subscriptions.is_active then 1 else 0 end) over (
            partition by subscriptions.customer_id, subscriptions.subscription_id
        ) as goes_on,
        {{ monthly_price('subscriptions', rate_of('subscriptions.currency', 'rates.rate')) }} as monthly_amount_now

    from {{ ref('int_subscriptions_resolved') }} as subscriptions

    left join {{ ref('int_fx_rates_sampled_to_months') }} as rates
        on
            subscriptions.currency = rates.currency_code
            and rates.month_start_date = {{ month_start(as_of_date()) }}

),

final as (

    select
        customer_id,
        {{ price('sum(case when is_active then monthly_amount_now else 0 end)') }} as monthly_recurring_revenue,
        {{ whole('sum(case when is_active then 1 else 0 end)') }} as active_subscription_count,
        {{ whole('sum(case when is_new_service and started_date > ' ~ as_of_day_minus(90) ~ ' then 1 else 0 end)') }}
            as new_service_count_90d,
        -- DuckDB 2.0.0 takes `sum(…) > 0` for false here.
        max(
            case when is_plan_change and started_date > {{ as_of_day_minus(30) }} then 1 else 0 end
        ) = 1 as has_changed_plan,
        max(
            case
                when
                    product_type = 'add_on'
                    and goes_on = 0
                    and {{ business_date('ended_at') }} > {{ as_of_day_minus(30) }} then 1
                else 0
            end
        ) = 1 as has_lapsed_add_on,
        max(case when is_plan_change then started_date end) as plan_changed_date,
        max(
            case when product_type = 'add_on' and goes_on = 0 then {{ business_date('ended_at') }} end
        ) as add_on_lapsed_date,
        min(started_at) as first_started_at,
        max(started_at) as last_started_at,
        -- The contract that ends next; of those that have run out, the last.
        coalesce(
            min(case when is_active and contract_ends_at >= {{ as_of_end_at() }} then contract_ends_at end),
            max(case when is_active then contract_ends_at end)
        ) as contract_ends_at,
        max(case when not is_active then ended_at end) as last_ended_at

    from subscriptions

    group by customer_id

)

select * from final
