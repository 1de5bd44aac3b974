-- One row per customer with network usage in the 90 days up to the as-of day.
with

experience as (

    select * from {{ ref('int_experience_scored_to_customers') }}

),

-- One row, whether or not there is any usage.
newest_usage as (

    select max(last_usage_date) as usage_date

    from {{ ref('int_network_usage_summarised_to_customers') }}

),

usage_owner as (

    select max(fresh_within_days) as fresh_within_days

    from {{ ref('source_owners') }}

    where source = '{{ usage_source() }}'

),

-- Where there was no usage there was no traffic; where it was not delivered, it is not known.
traffic as (

    select
        customer_id,
        case when has_usage_30d then traffic_mb_30d else 0 end as recent_mb,
        traffic_mb_90d - case when has_usage_30d then traffic_mb_30d else 0 end as earlier_mb

    from experience

),

final as (

    select
        traffic.customer_id,
        {{ quotient('2 * traffic.recent_mb - traffic.earlier_mb', 'traffic.earlier_mb') }} as traffic_change_ratio,
        -- The last 30 days against the mean 30 days of the 60 before them.
        coalesce(
            newest_usage.usage_date
            >= cast({{ dbt.dateadd('day', '-usage_owner.fresh_within_days', as_of_date()) }} as date)
            and traffic.earlier_mb > 0
            and abs(2 * traffic.recent_mb - traffic.earlier_mb)
            >= {{ var('policy').profile.usage_shift_ratio }} * traffic.earlier_mb,
            false
        ) as has_shifted_usage

    from traffic

    cross join newest_usage

    cross join usage_owner

)

select * from final
