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
