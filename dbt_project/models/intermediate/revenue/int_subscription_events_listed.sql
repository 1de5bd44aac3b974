-- One row per start, change or end in the life of a customer's subscription (subscription_id, occurred_at, event_type).
{{ config(materialized='view') }}
with

subscriptions as (

    select * from {{ ref('int_subscriptions_resolved') }}

    where customer_id <> '{{ unknown_customer_id() }}'

),

spans as (

    select
        *,
        lag(ended_at) over (
            -- one row per subscription_id, started_at
            partition by customer_id, subscription_id
            order by started_at
        ) as previous_ended_at,
        lead(started_at) over (
            -- one row per subscription_id, started_at
            partition by customer_id, subscription_id
            order by started_at
        ) as next_started_at

    from subscriptions

),

final as (

    select
        subscription_id,
        customer_id,
        case
            when is_plan_change then 'plan_changed'
            when previous_ended_at >= started_at then 'subscription_changed'
            else 'subscription_started'
        end as event_type,
        product_code,
        {{ money('monthly_amount') }} as amount,
        started_at as occurred_at

    from spans

    union all

    select
        subscription_id,
        customer_id,
        'subscription_ended' as event_type,
        product_code,
        {{ money('monthly_amount') }} as amount,
        ended_at as occurred_at

    from spans

    -- One that goes on in its next version has not ended.
    where
        {{ happened_by_as_of('ended_at') }}
        and (next_started_at is null or next_started_at > ended_at)

)

select * from final
