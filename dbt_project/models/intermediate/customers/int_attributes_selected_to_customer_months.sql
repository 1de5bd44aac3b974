-- One row per customer and month of this build: what the customer was by the month's end, as far as known then.
{{ config(materialized='view') }}
with

months as (

    select * from {{ ref('int_customer_months_listed') }}

),

customers as (

    select * from {{ ref('int_customers_resolved') }}

),

subscriptions as (

    select * from {{ ref('int_subscriptions_summarised_to_customers') }}

),

versions as (

    select
        *,
        coalesce({{ business_time('known_at') }}, {{ beginning_of_time() }}) as known_from_at

    from {{ ref('int_account_versions_resolved') }}

),

-- A version describes its customer until the next is known, whichever account that is of.
descriptions as (

    select
        *,
        coalesce(lead(known_from_at) over (
            -- one row per account_key, updated_at
            partition by customer_id
            order by
                known_from_at,
                known_at nulls first,
                opened_at nulls first,
                account_key,
                updated_at nulls first
        ), {{ end_of_time() }}) as known_to_at

    from versions

),

plans as (

    select
        customer_id,
        product_code,
        started_local_at as started_from_at,
        coalesce(lead(started_local_at) over (
            -- one row per subscription_id, started_at
            partition by customer_id
            order by started_local_at, started_at, subscription_id
        ), {{ end_of_time() }}) as started_to_at

    from {{ ref('int_subscriptions_resolved') }}

    where product_type = 'plan'

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
        descriptions.customer_type,
        descriptions.region_code,
        plans.product_code as plan_code,
        {{ tenure_band(whole_months(
            business_date('customers.first_account_opened_at'), last_day_before('months.counted_until_at')
        )) }} as tenure_band,
        {{ age_band('descriptions.birth_year', 'months.month_start_date') }} as age_band,
        {{ satisfaction_band('scores.satisfaction_score') }} as latest_satisfaction_band,
        case
            when subscriptions.first_paying_month_start_date <= months.month_start_date
                then subscriptions.first_paying_month_start_date
        end as acquisition_month_start_date

    from months

    inner join customers
        on months.customer_id = customers.customer_id

    left join subscriptions
        on months.customer_id = subscriptions.customer_id

    left join descriptions
        on
            months.customer_id = descriptions.customer_id
            and months.counted_until_at > descriptions.known_from_at
            and months.counted_until_at <= descriptions.known_to_at

    left join plans
        on
            months.customer_id = plans.customer_id
            and months.counted_until_at > plans.started_from_at
            and months.counted_until_at <= plans.started_to_at

    left join scores
        on
            months.customer_id = scores.customer_id
            and months.month_start_date >= scores.scored_from_date
            and months.month_start_date < scores.scored_to_date

)

select * from final
