-- One row per span of a subscription, with its customer and its monthly price.
with

subscriptions as (

    select * from {{ ref('int_subscriptions_spanned') }}

),

rates as (

    select * from {{ ref('int_fx_rates_sampled_to_months') }}

),

owned as (

    select
        subscriptions.*,
        {{ owner_customer_id() }} as customer_id,
        {{ business_date('subscriptions.started_at') }} as started_date,
        {{ business_time('subscriptions.started_at') }} as started_local_at,
        {{ business_time('subscriptions.ended_at') }} as ended_local_at

    from subscriptions

    {{ join_customer('subscriptions', at='subscriptions.started_at') }}

),

plans as (

    select * from owned

    where product_type = 'plan'

),

-- A plan that begins when another of the same customer ends takes its place.
replacements as (

    select
        plans.subscription_id,
        plans.started_at,
        max(case when earlier.product_code <> plans.product_code then 1 else 0 end) as changed

    from plans

    inner join plans as earlier
        on
            plans.customer_id = earlier.customer_id
            and earlier.started_at < plans.started_at
            and earlier.ended_at between
            {{ dbt.dateadd('day', -1, 'plans.started_at') }}
            and {{ dbt.dateadd('day', 1, 'plans.started_at') }}

    where plans.customer_id <> '{{ unknown_customer_id() }}'

    group by
        plans.subscription_id,
        plans.started_at

),

numbered as (

    select
        owned.*,
        row_number() over (
            -- one row per subscription_id, started_at
            partition by owned.subscription_id
            order by owned.started_at
        ) as span_number

    from owned

),

final as (

    select
        numbered.subscription_id,
        numbered.customer_id,
        numbered.product_code,
        numbered.product_type,
        numbered.recurring_amount,
        numbered.currency,
        numbered.billing_interval,
        numbered.interval_count,
        {{ monthly_price('numbered', rate_of('numbered.currency', 'rates.rate')) }} as monthly_amount,
        numbered.end_reason_code,
        numbered.span_number = 1 and replacements.subscription_id is null as is_new_service,
        coalesce(replacements.changed, 0) = 1 as is_plan_change,
        coalesce(numbered.ended_at >= {{ as_of_end_at() }}, true) as is_active,
        numbered.started_date,
        numbered.started_at,
        numbered.ended_at,
        numbered.contract_ends_at,
        numbered.started_local_at,
        numbered.ended_local_at

    from numbered

    left join rates
        on
            numbered.currency = rates.currency_code
            and {{ month_start('numbered.started_date') }} = rates.month_start_date

    left join replacements
        on
            numbered.subscription_id = replacements.subscription_id
            and numbered.started_at = replacements.started_at

)

select * from final
