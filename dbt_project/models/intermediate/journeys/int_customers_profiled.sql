-- One row per customer, with what every source says of it as of the as-of date.
{{ config(materialized='view') }}
with

customers as (

    select * from {{ ref('int_customers_resolved') }}

),

accounts as (

    select * from {{ ref('int_accounts_selected_to_customers') }}

),

observed as (

    select * from {{ ref('int_customers_observed') }}

),

surveys as (

    select * from {{ ref('int_survey_summarised_to_customers') }}

),

subscriptions as (

    select * from {{ ref('int_subscriptions_summarised_to_customers') }}

),

transactions as (

    select * from {{ ref('int_transactions_summarised_to_customers') }}

),

experience as (

    select * from {{ ref('int_experience_scored_to_customers') }}

),

flux as (

    select * from {{ ref('int_flux_reasons_listed') }}

),

final as (

    select
        customers.customer_id,
        customers.account_count,
        customers.identifier_count,
        customers.is_identity_disputed,
        customers.first_account_opened_at,
        accounts.customer_type,
        accounts.region_code,
        accounts.age_band,
        coalesce(accounts.has_analytics_consent, false) as has_analytics_consent,
        coalesce(accounts.has_marketing_consent, false) as has_marketing_consent,
        coalesce(observed.first_seen_at, customers.first_account_opened_at, customers.first_event_at) as first_seen_at,
        coalesce(observed.last_seen_at, customers.first_account_opened_at, customers.first_event_at) as last_seen_at,
        coalesce(observed.has_survey, false) as has_survey,
        coalesce(observed.has_transactions, false) as has_transactions,
        coalesce(observed.has_network, false) as has_network,
        surveys.survey_invitation_count,
        surveys.survey_response_count,
        surveys.latest_satisfaction_score,
        surveys.latest_satisfaction_at,
        surveys.satisfaction_band,
        surveys.previous_satisfaction_band,
        surveys.latest_recommend_score,
        surveys.latest_stated_stay_score,
        subscriptions.monthly_recurring_revenue,
        subscriptions.active_subscription_count,
        subscriptions.new_service_count_90d,
        subscriptions.contract_ends_at,
        subscriptions.last_ended_at,
        transactions.revenue_90d,
        transactions.revenue_previous_90d,
        transactions.lifetime_revenue,
        transactions.last_purchase_at,
        experience.experience_score_30d,
        experience.experience_score_90d,
        experience.fault_day_count_30d,
        experience.worst_kpi_code,
        experience.traffic_mb_30d,
        flux.flux_reasons

    from customers

    left join accounts
        on customers.customer_id = accounts.customer_id

    left join observed
        on customers.customer_id = observed.customer_id

    left join surveys
        on customers.customer_id = surveys.customer_id

    left join subscriptions
        on customers.customer_id = subscriptions.customer_id

    left join transactions
        on customers.customer_id = transactions.customer_id

    left join experience
        on customers.customer_id = experience.customer_id

    left join flux
        on customers.customer_id = flux.customer_id

)

select * from final
