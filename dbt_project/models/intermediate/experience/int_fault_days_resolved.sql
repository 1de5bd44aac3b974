-- One row per customer and day without service for at least the minutes of the policy.
{{ config(materialized='view') }}
with

outages as (

    select * from {{ ref('int_network_outages_summarised_to_identifier_days') }}

),

final as (

    select
        {{ owner_customer_id() }} as customer_id,
        outages.usage_date,
        outages.month_start_date,
        {{ exact_number('sum(outages.outage_minutes)') }} as outage_minutes

    from outages

    {{ join_customer('outages', day='outages.usage_date') }}

    group by
        {{ owner_customer_id() }},
        outages.usage_date,
        outages.month_start_date

    having sum(outages.outage_minutes) >= {{ var('policy').profile.fault_day_outage_minutes }}

)

select * from final
