-- One row per customer and month of this build, with what every source says of the month.
{{ config(materialized='view') }}
with

spine as (

    select * from {{ ref('int_customer_months_listed') }}

),

recurring_revenue as (

    select * from {{ ref('int_subscriptions_summarised_to_customer_months') }}

),

transactions as (

    select * from {{ ref('int_transactions_summarised_to_customer_months') }}

),

surveys as (

    select * from {{ ref('int_survey_summarised_to_customer_months') }}

),

experience as (

    select * from {{ ref('int_experience_scored_to_customer_months') }}

),

contacts as (

    select * from {{ ref('int_interactions_summarised_to_customer_months') }}

),

subscriptions as (

    select * from {{ ref('int_subscriptions_summarised_to_customers') }}

),

final as (

    select
        spine.customer_id,
        spine.month_start_date,
        coalesce(recurring_revenue.active_subscription_count, 0) as active_subscription_count,
        coalesce(recurring_revenue.opening_mrr, 0) as opening_mrr,
        coalesce(recurring_revenue.closing_mrr, 0) as closing_mrr,
        subscriptions.first_paying_month_start_date,
        coalesce(transactions.revenue, 0) as revenue,
        coalesce(recurring_revenue.new_service_count, 0) as new_service_count,
        surveys.satisfaction_score,
        surveys.recommend_score,
        coalesce(surveys.invitation_count, 0) as invitation_count,
        coalesce(surveys.response_count, 0) as response_count,
        experience.experience_score,
        experience.fault_day_count,
        experience.session_count,
        experience.outage_minutes,
        experience.traffic_mb,
        coalesce(contacts.contact_count, 0) as contact_count,
        coalesce(contacts.complaint_count, 0) as complaint_count

    from spine

    left join recurring_revenue
        on
            spine.customer_id = recurring_revenue.customer_id
            and spine.month_start_date = recurring_revenue.month_start_date

    left join subscriptions
        on spine.customer_id = subscriptions.customer_id

    left join transactions
        on
            spine.customer_id = transactions.customer_id
            and spine.month_start_date = transactions.month_start_date

    left join surveys
        on
            spine.customer_id = surveys.customer_id
            and spine.month_start_date = surveys.month_start_date

    left join experience
        on
            spine.customer_id = experience.customer_id
            and spine.month_start_date = experience.month_start_date

    left join contacts
        on
            spine.customer_id = contacts.customer_id
            and spine.month_start_date = contacts.month_start_date

)

select * from final
