-- One row per customer with network usage in the 90 days up to the as-of day.
with

usage as (

    select * from {{ ref('int_network_usage_windowed_to_customers') }}

),

fault_days as (

    select
        customer_id,
        count(*) as fault_day_count_30d

    from {{ ref('int_fault_days_resolved') }}

    where usage_date > {{ as_of_day_minus(30) }}

    group by customer_id

),

resolved as (

    select
        usage.customer_id,
        usage.window_days,
        {{ resolved_measures('usage') }}
        usage.day_count

    from usage

),

measured as (

    select
        *
        {{ kpi_scores() }}

    from resolved

),

scored as (

    select
        customer_id,
        window_days,
        {{ experience_score() }} as experience_score,
        {{ worst_kpi() }} as worst_kpi_code,
        traffic_mb

    from measured

),

final as (

    select
        scored.customer_id,
        max(case when scored.window_days = 30 then scored.experience_score end) as experience_score_30d,
        max(case when scored.window_days = 90 then scored.experience_score end) as experience_score_90d,
        max(case when scored.window_days = 30 then scored.worst_kpi_code end) as worst_kpi_code,
        max(case when scored.window_days = 30 then scored.traffic_mb end) as traffic_mb_30d,
        max(case when scored.window_days = 90 then scored.traffic_mb end) as traffic_mb_90d,
        -- Known for whoever has usage in those days; a day without an outage is no fault day.
        max(case when scored.window_days = 30 then coalesce(fault_days.fault_day_count_30d, 0) end)
            as fault_day_count_30d

    from scored

    left join fault_days
        on scored.customer_id = fault_days.customer_id

    group by scored.customer_id

)

select * from final
