-- One row per customer and month, from the first month of activity to the as-of month, without gaps.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='append_new_columns',
    pre_hook="{{ forget_touched_customer_months() }}",
    post_hook="{{ remember_build() }}",
) }}
with

months as (

    select * from {{ ref('int_customer_months_measured') }}

    where {{ is_touched_customer_month(is_incremental()) }}

),

final as (

    select
        customer_id,
        month_start_date,
        {{ money('opening_mrr') }} as opening_mrr,
        {{ money('closing_mrr') }} as closing_mrr,
        {{ money('revenue') }} as revenue,
        new_service_count,
        satisfaction_score,
        {{ satisfaction_band('satisfaction_score') }} as satisfaction_band,
        recommend_score,
        experience_score,
        fault_day_count,
        session_count,
        {{ number('outage_minutes') }} as outage_minutes,
        {{ number('traffic_mb') }} as traffic_mb,
        contact_count,
        complaint_count,
        active_subscription_count > 0 as is_active,
        opening_mrr > 0 and closing_mrr = 0 as is_churned,
        opening_mrr = 0
        and closing_mrr > 0
        and first_paying_month_start_date < month_start_date as is_reactivated,
        invitation_count > 0 as was_invited,
        response_count > 0 as has_responded

    from months

)

select * from final
