-- One row per customer and month, from the first month of activity to the as-of month, without gaps.
{{ config(
    materialized=by_row_materialization(),
    incremental_strategy='append',
    on_schema_change='append_new_columns',
    meta={'step_model': 'int_customer_months_listed'},
    pre_hook="{{ forget_touched_customer_months() }}",
    post_hook="{{ remember_build() }}",
) }}
-- depends_on: {{ ref('int_customer_months_listed') }}
with

recurring_revenue as (

    select * from {{ ref('int_subscriptions_summarised_to_customer_months') }} where {{ is_in_step() }}

),

transactions as (

    select * from {{ ref('int_transactions_summarised_to_customer_months') }} where {{ is_in_step() }}

),

surveys as (

    select * from {{ ref('int_survey_summarised_to_customer_months') }} where {{ is_in_step() }}

),

experience as (

    select * from {{ ref('int_experience_scored_to_customer_months') }} where {{ is_in_step() }}

),

contacts as (

    select * from {{ ref('int_interactions_summarised_to_customer_months') }} where {{ is_in_step() }}

),

months as (

    select * from {{ ref('int_attributes_selected_to_customer_months') }}

    where
        {{ is_touched_customer_month(is_incremental()) }}
        and {{ is_in_step() }}

),

-- What a source has no row of did not happen in that month.
final as (

    select
        months.customer_id,
        months.month_start_date,
        months.customer_type,
        months.region_code,
        months.plan_code,
        months.tenure_band,
        months.age_band,
        {{ experience_band('experience.experience_score') }} as experience_band,
        months.latest_satisfaction_band,
        months.acquisition_month_start_date,
        {{ money('coalesce(recurring_revenue.opening_mrr, 0)') }} as opening_mrr,
        {{ money('coalesce(recurring_revenue.closing_mrr, 0)') }} as closing_mrr,
        {{ money('coalesce(transactions.revenue, 0)') }} as revenue,
        coalesce(recurring_revenue.new_service_count, 0) as new_service_count,
        surveys.satisfaction_score,
        {{ satisfaction_band('surveys.satisfaction_score') }} as satisfaction_band,
        surveys.recommend_score,
        experience.experience_score,
        {{- kpi_columns('experience') }}
        experience.fault_day_count,
        experience.session_count,
        {{ number('experience.outage_minutes') }} as outage_minutes,
        {{ number('experience.traffic_mb') }} as traffic_mb,
        coalesce(contacts.contact_count, 0) as contact_count,
        coalesce(contacts.complaint_count, 0) as complaint_count,
        coalesce(recurring_revenue.active_subscription_count > 0, false) as is_active,
        coalesce(recurring_revenue.opening_mrr > 0 and recurring_revenue.closing_mrr = 0, false) as is_churned,
        coalesce(recurring_revenue.opening_mrr = 0 and recurring_revenue.closing_mrr > 0, false)
        and months.acquisition_month_start_date < months.month_start_date as is_reactivated,
        coalesce(surveys.invitation_count > 0, false) as was_invited,
        coalesce(surveys.response_count > 0, false) as has_responded

    from months

    left join recurring_revenue
        on
            months.customer_id = recurring_revenue.customer_id
            and months.month_start_date = recurring_revenue.month_start_date

    left join transactions
        on
            months.customer_id = transactions.customer_id
            and months.month_start_date = transactions.month_start_date

    left join surveys
        on
            months.customer_id = surveys.customer_id
            and months.month_start_date = surveys.month_start_date

    left join experience
        on
            months.customer_id = experience.customer_id
            and months.month_start_date = experience.month_start_date

    left join contacts
        on
            months.customer_id = contacts.customer_id
            and months.month_start_date = contacts.month_start_date

)

select * from final
