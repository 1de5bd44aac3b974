-- One row per customer and calendar month with network usage, with its experience score.
{{ config(materialized='view') }}
with

usage as (

    select * from {{ ref('int_network_usage_summarised_to_customer_months') }}

),

fault_days as (

    select
        customer_id,
        month_start_date,
        count(*) as fault_day_count

    from {{ ref('int_fault_days_resolved') }}

    group by
        customer_id,
        month_start_date

),

resolved as (

    select
        usage.customer_id,
        usage.month_start_date,
        {{ resolved_measures('usage') }}
        usage.day_count

    from usage

),

scored as (

    select
        *
        {{ kpi_scores() }}

    from resolved

),

final as (

    select
        scored.customer_id,
        scored.month_start_date,
        {{ experience_score() }} as experience_score,
        coalesce(fault_days.fault_day_count, 0) as fault_day_count,
        {{ whole('scored.session_count') }} as session_count,
        scored.outage_minutes,
        scored.traffic_mb,
        scored.day_count

    from scored

    left join fault_days
        on
            scored.customer_id = fault_days.customer_id
            and scored.month_start_date = fault_days.month_start_date

)

select * from final
