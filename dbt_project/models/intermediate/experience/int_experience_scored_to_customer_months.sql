-- One row per customer and month of this build with network usage, with its experience score.
{{ config(materialized='view') }}
with

usage_pieces as (

    select * from {{ ref('int_network_usage_summarised_to_identifier_months') }}

),

months as (

    select * from {{ ref('int_customer_months_listed') }}

),

usage as (

    select
        months.customer_id,
        months.month_start_date,
        {{ reaggregate_measures('usage_pieces') }},
        {{ count_days(union_day_sets('usage_pieces.day_set')) }} as day_count

    from usage_pieces

    {{ join_customer('usage_pieces', day='usage_pieces.first_usage_date') }}

    inner join months
        on
            owners.customer_id = months.customer_id
            and usage_pieces.month_start_date = months.month_start_date

    group by
        months.customer_id,
        months.month_start_date

),

outages as (

    select
        customer_id,
        month_start_date,
        sum(outage_minutes) as outage_minutes,
        {{ whole('sum(case when is_fault_day then 1 else 0 end)') }} as fault_day_count

    from {{ ref('int_outages_resolved_to_customer_days') }}

    group by
        customer_id,
        month_start_date

),

resolved as (

    select
        usage.customer_id,
        usage.month_start_date,
        {{ resolved_measures('usage', 'outages') }}
        usage.day_count,
        coalesce(outages.fault_day_count, 0) as fault_day_count

    from usage

    left join outages
        on
            usage.customer_id = outages.customer_id
            and usage.month_start_date = outages.month_start_date

),

scored as (

    select
        *
        {{ kpi_scores() }}
        {{ kpi_values() }}

    from resolved

),

final as (

    select
        customer_id,
        month_start_date,
        {{ experience_score() }} as experience_score,
        {{- kpi_columns('scored') }}
        fault_day_count,
        {{ whole('round(session_count)') }} as session_count,
        outage_minutes,
        traffic_mb,
        day_count

    from scored

)

select * from final
