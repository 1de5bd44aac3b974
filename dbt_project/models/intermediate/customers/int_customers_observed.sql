-- One row per customer with an event or a subscription: when it was first and last seen doing something.
with

spans as (

    select
        customer_id,
        'transactions' as family,
        {{ business_month('first_started_at') }} as first_month_start_date,
        first_started_at as first_seen_at,
        last_started_at as last_seen_at

    from {{ ref('int_subscriptions_summarised_to_customers') }}

    union all

    select
        customer_id,
        'transactions' as family,
        {{ business_month('first_occurred_at') }} as first_month_start_date,
        first_occurred_at as first_seen_at,
        last_occurred_at as last_seen_at

    from {{ ref('int_transactions_summarised_to_customers') }}

    union all

    select
        customer_id,
        'survey' as family,
        {{ business_month('first_happened_at') }} as first_month_start_date,
        first_happened_at as first_seen_at,
        last_happened_at as last_seen_at

    from {{ ref('int_survey_summarised_to_customers') }}

    union all

    select
        customer_id,
        'interactions' as family,
        {{ business_month('first_occurred_at') }} as first_month_start_date,
        first_occurred_at as first_seen_at,
        last_occurred_at as last_seen_at

    from {{ ref('int_interactions_summarised_to_customers') }}

    union all

    select
        customer_id,
        'network' as family,
        {{ month_start('first_usage_date') }} as first_month_start_date,
        {{ start_of_day('first_usage_date') }} as first_seen_at,
        {{ start_of_day('last_usage_date') }} as last_seen_at

    from {{ ref('int_network_usage_summarised_to_customers') }}

),

final as (

    select
        customer_id,
        min(first_month_start_date) as first_month_start_date,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at,
        max(case when family = 'survey' then 1 else 0 end) = 1 as has_survey,
        max(case when family = 'transactions' then 1 else 0 end) = 1 as has_transactions,
        max(case when family = 'network' then 1 else 0 end) = 1 as has_network

    from spans

    group by customer_id

)

select * from final
