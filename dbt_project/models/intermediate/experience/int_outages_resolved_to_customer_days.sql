-- One row per customer and day on which one of its identifiers had an outage.
{{ config(materialized='view') }}
with

outages as (

    select * from {{ ref('int_network_outages_summarised_to_identifier_days') }}

),

-- Ten minutes of outage on each of five lines may be the same ten minutes: the line that had most counts.
final as (

    select
        {{ owner_customer_id() }} as customer_id,
        outages.usage_date,
        outages.month_start_date,
        max(outages.outage_minutes) as outage_minutes,
        max(outages.outage_minutes) >= {{ var('policy').profile.fault_day_outage_minutes }} as is_fault_day

    from outages

    {{ join_customer('outages', day='outages.usage_date') }}

    group by
        {{ owner_customer_id() }},
        outages.usage_date,
        outages.month_start_date

)

select * from final
