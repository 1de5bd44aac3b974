-- One row per customer and business day on which an incident affected it, of the days still decided on (customer_id, incident_date).
with

sites as (

    select * from {{ ref('int_sites_ranked_to_customer_days') }}

),

incidents as (

    select * from {{ ref('int_incidents_split_to_days') }}

),

outages as (

    select * from {{ ref('int_outages_resolved_to_customer_days') }}

    where usage_date > {{ as_of_day_minus(days_looked_back() | length) }}

),

-- Of several incidents on one day the one that lasted longest stands for it: a day is decided once.
ranked as (

    select
        sites.customer_id,
        sites.incident_date,
        incidents.incident_id,
        incidents.incident_minutes,
        row_number() over (
            -- one row per customer_id, incident_date, incident_id
            partition by sites.customer_id, sites.incident_date
            order by incidents.incident_minutes desc, incidents.incident_id asc
        ) as incident_rank

    from sites

    inner join incidents
        on
            sites.site_code = incidents.site_code
            and sites.incident_date = incidents.incident_date

),

final as (

    select
        ranked.customer_id,
        ranked.incident_date,
        ranked.incident_id,
        {{ number('greatest(ranked.incident_minutes, coalesce(outages.outage_minutes, 0))') }} as fault_minutes,
        outages.customer_id is not null as is_measured

    from ranked

    left join outages
        on
            ranked.customer_id = outages.customer_id
            and ranked.incident_date = outages.usage_date

    where ranked.incident_rank = 1

)

select * from final
