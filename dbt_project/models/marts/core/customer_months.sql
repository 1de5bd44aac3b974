-- One row per customer and month, from the first month of activity to the as-of month, without gaps.
{{ config(materialized='view') }}
with

months as (

    select * from {{ ref('int_customer_months_measured') }}

),

final as (

    select
        customer_id,
        month_start_date,
        opening_mrr,
        closing_mrr,
        revenue,
        new_service_count,
        satisfaction_score,
        satisfaction_band,
        recommend_score,
        experience_score,
        fault_day_count,
        session_count,
        outage_minutes,
        traffic_mb,
        contact_count,
        complaint_count,
        is_active,
        is_churned,
        is_reactivated,
        was_invited,
        has_responded,
        customer_type,
        region_code,
        plan_code,
        tenure_band,
        age_band,
        experience_band,
        latest_satisfaction_band,
        acquisition_month_start_date

    from months

)

select * from final
