-- One row per customer and moment with a fault day in the 30 days before.
with

moments as (

    select * from {{ ref('int_moments_listed') }}

),

outages as (

    select * from {{ ref('int_outages_resolved_to_customer_days') }}

    where is_fault_day

),

final as (

    select
        moments.customer_id,
        moments.happened_at,
        count(*) as fault_day_count

    from outages

    inner join moments
        on
            moments.customer_id = outages.customer_id
            and outages.usage_date >= {{ days_after('moments.happened_date', -30) }}
            and outages.usage_date < moments.happened_date

    group by
        moments.customer_id,
        moments.happened_at

)

select * from final
