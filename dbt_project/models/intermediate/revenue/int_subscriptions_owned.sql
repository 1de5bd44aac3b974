-- One row per span of a subscription, with the customer who owned its identifier when it started.
with

subscriptions as (

    select * from {{ ref('int_subscriptions_spanned') }}

),

final as (

    select
        subscriptions.subscription_id,
        {{ owner_customer_id() }} as customer_id,
        subscriptions.product_code,
        subscriptions.product_type,
        subscriptions.recurring_amount,
        subscriptions.currency,
        subscriptions.billing_interval,
        subscriptions.interval_count,
        subscriptions.end_reason_code,
        subscriptions.is_first_span,
        {{ business_date('subscriptions.started_at') }} as started_date,
        subscriptions.started_at,
        subscriptions.ended_at,
        subscriptions.contract_ends_at,
        {{ business_time('subscriptions.started_at') }} as started_local_at,
        {{ business_time('subscriptions.ended_at') }} as ended_local_at

    from subscriptions

    {{ join_customer('subscriptions', at='subscriptions.started_at') }}

)

select * from final
