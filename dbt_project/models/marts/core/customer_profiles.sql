-- One row per customer known to any source, at the as-of date.
with

customers as (

    select * from {{ ref('int_customers_profiled') }}

),

final as (

    select
        customer_id,
        {{ as_of_date() }} as as_of_date,
        customer_type,
        region_code,
        age_band,
        case
            when active_subscription_count > 0 then 'active'
            when last_ended_at is not null then 'lapsed'
            else 'never_subscribed'
        end as customer_status,
        account_count,
        identifier_count,
        {{ months_until_as_of(business_date('first_account_opened_at')) }} as tenure_months,
        satisfaction_band,
        previous_satisfaction_band,
        {{ number('latest_satisfaction_score') }} as latest_satisfaction_score,
        {{ number('latest_recommend_score') }} as latest_recommend_score,
        {{ number('null') }} as predicted_satisfaction_score,
        {{ number('latest_stated_stay_score') }} as stated_stay_score,
        {{ text('null') }} as say_do_quadrant,
        coalesce(survey_invitation_count, 0) as survey_invitation_count,
        coalesce(survey_response_count, 0) as survey_response_count,
        '{{ var("reporting_currency") }}' as currency_code,
        {{ money('coalesce(monthly_recurring_revenue, 0)') }} as monthly_recurring_revenue,
        {{ money('coalesce(revenue_90d, 0)') }} as revenue_90d,
        {{ money('coalesce(revenue_previous_90d, 0)') }} as revenue_previous_90d,
        {{ money('coalesce(lifetime_revenue, 0)') }} as lifetime_revenue,
        coalesce(active_subscription_count, 0) as active_subscription_count,
        coalesce(new_service_count_90d, 0) as new_service_count_90d,
        experience_score_30d,
        experience_score_90d,
        fault_day_count_30d,
        worst_kpi_code,
        {{ number('traffic_mb_30d') }} as traffic_mb_30d,
        flux_reasons,
        has_survey,
        has_transactions,
        has_network,
        is_identity_disputed,
        has_analytics_consent,
        has_marketing_consent,
        flux_reasons is not null as is_in_flux,
        least(
            coalesce(first_account_opened_at, first_seen_at), coalesce(first_seen_at, first_account_opened_at)
        ) as first_seen_at,
        greatest(
            coalesce(first_account_opened_at, last_seen_at), coalesce(last_seen_at, first_account_opened_at)
        ) as last_seen_at,
        latest_satisfaction_at,
        last_purchase_at,
        contract_ends_at,
        case when coalesce(active_subscription_count, 0) = 0 then last_ended_at end as churned_at

    from customers

)

select * from final
