-- One row per customer and month of this build: what the customer was by the month's end, as far as known then.
-- Spark's catalog keeps no more than 32,700 letters of a view.
{{ config(materialized='view' if target.type == 'duckdb' else 'table') }}
with

months as (

    select * from {{ ref('int_customer_months_listed') }}

),

customers as (

    select * from {{ ref('int_customers_resolved') }}

),

payments as (

    select * from {{ ref('int_first_payments_found') }}

),

versions as (

    select * from {{ ref('int_account_versions_spanned_to_customers') }}

),

plans as (

    select * from {{ ref('int_plans_spanned_to_customers') }}

),

scores as (

    select
        customer_id,
        satisfaction_score,
        month_start_date as scored_from_date,
        coalesce(lead(month_start_date) over (
            -- one row per customer_id, month_start_date
            partition by customer_id
            order by month_start_date
        ), {{ end_of_days() }}) as scored_to_date

    from {{ ref('int_survey_summarised_to_customer_months') }}

    where satisfaction_score is not null

),

final as (

    select
        months.customer_id,
        months.month_start_date,
        versions.customer_type,
        versions.region_code,
        plans.plan_code,
        {{ tenure_band(whole_months(
            business_date('customers.first_account_opened_at'), last_day_before('months.counted_until_at')
        )) }} as tenure_band,
        {{ age_band('versions.birth_year', 'months.month_start_date') }} as age_band,
        {{ satisfaction_band('scores.satisfaction_score') }} as latest_satisfaction_band,
        case
            when payments.first_paid_month_start_date <= months.month_start_date
                then payments.first_paid_month_start_date
        end as acquisition_month_start_date

    from months

    inner join customers
        on months.customer_id = customers.customer_id

    left join payments
        on months.customer_id = payments.customer_id

    left join versions
        on
            months.customer_id = versions.customer_id
            and versions.valid_from_at < months.ended_at
            and versions.valid_to_at >= months.ended_at

    left join plans
        on
            months.customer_id = plans.customer_id
            and plans.valid_from_at < months.ended_at
            and plans.valid_to_at >= months.ended_at

    left join scores
        on
            months.customer_id = scores.customer_id
            and months.month_start_date >= scores.scored_from_date
            and months.month_start_date < scores.scored_to_date

)

select * from final
