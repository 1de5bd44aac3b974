-- One row per customer with network usage in the 90 days up to the as-of day.
with

usage as (

    select * from {{ ref('int_network_usage_windowed_to_customers') }}

),

outages as (
    {%- for days in [30, 90] %}

    select
        customer_id,
        {{ days }} as window_days,
        sum(outage_minutes) as outage_minutes,
        {{ whole('sum(case when is_fault_day then 1 else 0 end)') }} as fault_day_count

    from {{ ref('int_outages_resolved_to_customer_days') }}

    where usage_date > {{ as_of_day_minus(days) }}

    group by customer_id
    {%- if not loop.last %}

    union all
    {%- endif %}
    {%- endfor %}

),

resolved as (

    select
        usage.customer_id,
        usage.window_days,
        {{ resolved_measures('usage', 'outages') }}
        usage.day_count,
        -- Known for whoever has usage in those days; a day without an outage is no fault day.
        coalesce(outages.fault_day_count, 0) as fault_day_count

    from usage

    left join outages
        on
            usage.customer_id = outages.customer_id
            and usage.window_days = outages.window_days

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
        traffic_mb,
        fault_day_count

    from measured

),

final as (

    select
        customer_id,
        max(case when window_days = 30 then experience_score end) as experience_score_30d,
        max(case when window_days = 90 then experience_score end) as experience_score_90d,
        max(case when window_days = 30 then worst_kpi_code end) as worst_kpi_code,
        max(case when window_days = 30 then traffic_mb end) as traffic_mb_30d,
        max(case when window_days = 90 then traffic_mb end) as traffic_mb_90d,
        max(case when window_days = 30 then fault_day_count end) as fault_day_count_30d,
        max(case when window_days = 30 then 1 else 0 end) = 1 as has_usage_30d

    from scored

    group by customer_id

)

select * from final
