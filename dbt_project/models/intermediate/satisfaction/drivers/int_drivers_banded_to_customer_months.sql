-- One row per customer and month: the band of each feature that satisfaction is predicted from.
{{ config(materialized='view') }}
with

months as (

    select * from {{ ref('int_customer_months_measured') }}

),

-- Nothing of a later month, and no answer of any: the band of a month is known at its end.
measured as (

    select
        months.customer_id,
        months.month_start_date,
        months.customer_type,
        months.region_code,
        months.plan_code,
        months.tenure_band,
        months.age_band,
        months.experience_score,
        previous_months.experience_score as previous_experience_score,
        coalesce(
            months.fault_day_count + previous_months.fault_day_count,
            months.fault_day_count,
            previous_months.fault_day_count
        ) as recent_fault_day_count,
        coalesce(
            months.outage_minutes + previous_months.outage_minutes,
            months.outage_minutes,
            previous_months.outage_minutes
        ) as recent_outage_minutes,
        months.contact_count + coalesce(previous_months.contact_count, 0) as recent_contact_count,
        months.complaint_count + coalesce(previous_months.complaint_count, 0) as recent_complaint_count,
        -- Up to the month's beginning: who leaves or buys in the month of his answer may do so because of
        -- what he answered.
        case
            when previous_months.opening_mrr > 0
                then {{ quotient('months.opening_mrr - previous_months.opening_mrr', 'previous_months.opening_mrr') }}
        end as mrr_change_ratio

    from months

    left join months as previous_months
        on
            months.customer_id = previous_months.customer_id
            and cast({{ dbt.dateadd('month', -1, 'months.month_start_date') }} as date)
            = previous_months.month_start_date

),

final as (

    select
        customer_id,
        month_start_date,
        {{ driver_bands() }}

    from measured

)

select * from final
