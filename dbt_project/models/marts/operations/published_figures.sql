-- One row per figure of a published table: of a month, or of the as-of day.
{#- A further table is a line each here: its figures, its rows as a CTE (one per key, else their sums), its lines in
    `final`. -#}
{%- set of_months = [
    'revenue', 'opening_mrr', 'closing_mrr', 'active_customer_count', 'churned_customer_count',
    'reactivated_customer_count', 'new_service_count', 'invited_customer_count', 'responded_customer_count',
    'satisfaction_score', 'recommend_score', 'experience_score', 'fault_day_count', 'session_count',
    'outage_minutes', 'traffic_mb', 'contact_count', 'complaint_count',
] -%}
{%- set of_profiles = [
    'customer_count', 'active_customer_count', 'monthly_recurring_revenue', 'revenue_90d', 'lifetime_revenue',
    'latest_satisfaction_score', 'experience_score_30d',
] -%}
{%- set of_revenue = [
    'opening_mrr', 'new_mrr', 'expansion_mrr', 'contraction_mrr', 'churned_mrr', 'reactivation_mrr', 'closing_mrr',
    'opening_customer_count', 'new_customer_count', 'churned_customer_count', 'reactivated_customer_count',
    'closing_customer_count',
] -%}
{%- set of_cohorts = ['customer_count', 'retained_customer_count', 'retained_mrr'] -%}
{%- set of_scores = ['invited_count', 'response_count', 'score_mean', 'nps', 'top_box_ratio'] %}
with

customer_months as (

    select
        month_start_date,
        sum(revenue) as revenue,
        sum(opening_mrr) as opening_mrr,
        sum(closing_mrr) as closing_mrr,
        sum(case when is_active then 1 else 0 end) as active_customer_count,
        sum(case when is_churned then 1 else 0 end) as churned_customer_count,
        sum(case when is_reactivated then 1 else 0 end) as reactivated_customer_count,
        sum(new_service_count) as new_service_count,
        sum(case when was_invited then 1 else 0 end) as invited_customer_count,
        sum(case when has_responded then 1 else 0 end) as responded_customer_count,
        {{ ratio('sum(satisfaction_score)', 'count(satisfaction_score)') }} as satisfaction_score,
        {{ ratio('sum(recommend_score)', 'count(recommend_score)') }} as recommend_score,
        {{ ratio('sum(experience_score)', 'count(experience_score)') }} as experience_score,
        sum(fault_day_count) as fault_day_count,
        sum(session_count) as session_count,
        sum(outage_minutes) as outage_minutes,
        sum(traffic_mb) as traffic_mb,
        sum(contact_count) as contact_count,
        sum(complaint_count) as complaint_count

    from {{ ref('customer_months') }}

    group by month_start_date

),

customer_profiles as (

    select
        count(*) as customer_count,
        sum(case when customer_status = 'active' then 1 else 0 end) as active_customer_count,
        sum(monthly_recurring_revenue) as monthly_recurring_revenue,
        sum(revenue_90d) as revenue_90d,
        sum(lifetime_revenue) as lifetime_revenue,
        {{ ratio('sum(latest_satisfaction_score)', 'count(latest_satisfaction_score)') }} as latest_satisfaction_score,
        {{ ratio('sum(experience_score_30d)', 'count(experience_score_30d)') }} as experience_score_30d

    from {{ ref('customer_profiles') }}

),

recurring_revenue_monthly as (

    select * from {{ ref('recurring_revenue_monthly') }}

    where currency_type = 'reporting'

),

retention_cohorts as (

    select
        *,
        {{ month_name('cohort_month_start_date') }} as cohort_month

    from {{ ref('retention_cohorts') }}

),

satisfaction_monthly as (

    select * from {{ ref('satisfaction_monthly') }}

),

final as (

    {{ listed_figures('customer_months', 'customer_months', of_months) }}

    union all

    {{ listed_figures('customer_profiles', 'customer_profiles', of_profiles, has_month=false) }}

    union all

    {{ listed_figures(
        'recurring_revenue_monthly', 'recurring_revenue_monthly', of_revenue, key=['segment_type', 'segment_code']
    ) }}

    union all

    {{ listed_figures('retention_cohorts', 'retention_cohorts', of_cohorts, key=['cohort_month']) }}

    union all

    {{ listed_figures(
        'satisfaction_monthly', 'satisfaction_monthly', of_scores, key=['question_role', 'segment_type', 'segment_code']
    ) }}

)

select * from final
