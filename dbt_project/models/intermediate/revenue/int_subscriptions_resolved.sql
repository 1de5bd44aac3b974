-- One row per span of a subscription, with its customer and its monthly price.
with

subscriptions as (

    select * from {{ ref('int_subscriptions_owned') }}

),

replacements as (

    select * from {{ ref('int_plans_replaced') }}

),

rates as (

    select * from {{ ref('int_fx_rates_sampled_to_months') }}

),

final as (

    select
        subscriptions.subscription_id,
        subscriptions.customer_id,
        subscriptions.product_code,
        subscriptions.product_type,
        subscriptions.recurring_amount,
        subscriptions.currency,
        subscriptions.billing_interval,
        subscriptions.interval_count,
        {{ monthly_price('subscriptions', rate_of('subscriptions.currency', 'rates.rate')) }} as monthly_amount,
        subscriptions.end_reason_code,
        subscriptions.is_first_span and replacements.subscription_id is null as is_new_service,
        coalesce(replacements.is_plan_change, false) as is_plan_change,
        coalesce(subscriptions.ended_at >= {{ as_of_end_at() }}, true) as is_active,
        subscriptions.started_date,
        subscriptions.started_at,
        subscriptions.ended_at,
        subscriptions.contract_ends_at,
        subscriptions.started_local_at,
        subscriptions.ended_local_at

    from subscriptions

    left join rates
        on
            subscriptions.currency = rates.currency_code
            and {{ month_start('subscriptions.started_date') }} = rates.month_start_date

    left join replacements
        on
            subscriptions.subscription_id = replacements.subscription_id
            and subscriptions.started_at = replacements.started_at

)

select * from final
