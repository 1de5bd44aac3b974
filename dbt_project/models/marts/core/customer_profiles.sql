-- One row per customer known to any source, at the as-of date.
with

customers as (

    select * from {{ ref('int_customers_resolved') }}

),

accounts as (

    select * from {{ ref('int_accounts_selected_to_customers') }}

),

consents as (

    select * from {{ ref('int_consents_summarised_to_customers') }}

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

quadrants as (

    select * from {{ ref('int_quadrants_selected_to_customers') }}

),

flux as (

    select * from {{ ref('int_flux_reasons_listed') }}

),

as_of_months as (

    select
        customer_id,
        {{ month_start(as_of_date()) }} as month_start_date

    from customers

),

predicted as (

    {{ predicted_satisfaction('as_of_months') }}

),

final as (

    select
        customers.customer_id,
        {{ as_of_date() }} as as_of_date,
        accounts.customer_type,
        accounts.region_code,
        accounts.age_band,
        case
            when subscriptions.active_subscription_count > 0 then 'active'
            when subscriptions.last_ended_at is not null then 'lapsed'
            else 'never_subscribed'
        end as customer_status,
        customers.account_count,
        customers.identifier_count,
        {{ whole_months(business_date('customers.first_account_opened_at'), as_of_date()) }} as tenure_months,
        surveys.satisfaction_band,
        surveys.previous_satisfaction_band,
        {{ number('surveys.latest_satisfaction_score') }} as latest_satisfaction_score,
        {{ number('surveys.latest_recommend_score') }} as latest_recommend_score,
        predicted.predicted_satisfaction_score,
        {{ number('surveys.latest_stated_stay_score') }} as stated_stay_score,
        quadrants.say_do_quadrant,
        coalesce(surveys.survey_invitation_count, 0) as survey_invitation_count,
        coalesce(surveys.survey_response_count, 0) as survey_response_count,
        '{{ var("reporting_currency") }}' as currency_code,
        {{ money('coalesce(subscriptions.monthly_recurring_revenue, 0)') }} as monthly_recurring_revenue,
        {{ money('coalesce(transactions.revenue_90d, 0)') }} as revenue_90d,
        {{ money('coalesce(transactions.revenue_previous_90d, 0)') }} as revenue_previous_90d,
        {{ money('coalesce(transactions.lifetime_revenue, 0)') }} as lifetime_revenue,
        coalesce(subscriptions.active_subscription_count, 0) as active_subscription_count,
        coalesce(subscriptions.new_service_count_90d, 0) as new_service_count_90d,
        experience.experience_score_30d,
        experience.experience_score_90d,
        experience.fault_day_count_30d,
        experience.worst_kpi_code,
        {{ number('experience.traffic_mb_30d') }} as traffic_mb_30d,
        flux.flux_reasons,
        coalesce(observed.has_survey, false) as has_survey,
        coalesce(observed.has_transactions, false) as has_transactions,
        coalesce(observed.has_network, false) as has_network,
        customers.is_identity_disputed,
        coalesce(consents.has_analytics_consent, false) as has_analytics_consent,
        coalesce(consents.has_marketing_consent, false) as has_marketing_consent,
        flux.flux_reasons is not null as is_in_flux,
        -- least and greatest ignore nulls.
        coalesce(
            least(customers.first_account_opened_at, observed.first_seen_at), customers.first_event_at
        ) as first_seen_at,
        coalesce(
            greatest(customers.first_account_opened_at, observed.last_seen_at), customers.first_event_at
        ) as last_seen_at,
        surveys.latest_satisfaction_at,
        transactions.last_purchase_at,
        subscriptions.contract_ends_at,
        case
            when coalesce(subscriptions.active_subscription_count, 0) = 0 then subscriptions.last_ended_at
        end as churned_at

    from customers

    left join accounts
        on customers.customer_id = accounts.customer_id

    left join consents
        on customers.customer_id = consents.customer_id

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

    left join quadrants
        on customers.customer_id = quadrants.customer_id

    left join flux
        on customers.customer_id = flux.customer_id

    left join predicted
        on customers.customer_id = predicted.customer_id

)

select * from final
