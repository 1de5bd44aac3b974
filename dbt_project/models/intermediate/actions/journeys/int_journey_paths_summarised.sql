-- One row per path of journeys and what they start with (start_type, path), with sums over its customers.
with

journeys as (

    select * from {{ ref('int_journeys_summarised') }}

),

-- Each customer counts once, with the mean of his changes.
customers as (

    select
        start_type,
        path,
        customer_id,
        count(*) as journey_count,
        sum(case when outcome <> 'open' then 1 else 0 end) as closed_count,
        sum(case when outcome = 'resolved' then 1 else 0 end) as resolved_count,
        sum(case when outcome = 'left' then 1 else 0 end) as left_count,
        {{ effect(quotient('sum(satisfaction_change)', 'count(satisfaction_change)')) }} as satisfaction_change

    from journeys

    group by start_type, path, customer_id

),

summed as (

    select
        start_type,
        path,
        {{ whole('sum(journey_count)') }} as journey_count,
        count(*) as customer_count,
        {{ whole('sum(closed_count)') }} as closed_count,
        {{ whole('sum(resolved_count)') }} as resolved_count,
        {{ whole('sum(left_count)') }} as left_count,
        {{ change_sums() }}

    from customers

    group by start_type, path

),

-- Journeys that are over, by how long they took.
ranked as (

    select
        start_type,
        path,
        elapsed_hours,
        row_number() over (
            -- one row per journey_id
            partition by start_type, path
            order by elapsed_hours, journey_id
        ) as position_in_path,
        count(*) over (partition by start_type, path) as value_count

    from journeys

    where outcome <> 'open'

),

medians as (

    select
        start_type,
        path,
        {{ rounded(quotient('sum(elapsed_hours)', 'count(*)'), 4) }} as median_hours

    from ranked

    where position_in_path * 2 between value_count and value_count + 2

    group by start_type, path

),

final as (

    select
        summed.*,
        medians.median_hours

    from summed

    left join medians
        on
            summed.start_type = medians.start_type
            and summed.path = medians.path

)

select * from final
