-- One row per customer with a subscription and span between its starts and ends (customer_id, valid_from_at).
{{ config(materialized='view') }}
with

subscriptions as (

    select * from {{ ref('int_subscriptions_resolved') }}

    where customer_id <> '{{ unknown_customer_id() }}'

),

-- One that ended before it began was never active, and is over since it began.
moves as (

    select
        customer_id,
        started_at as moved_at,
        case when coalesce(ended_at, {{ end_of_time() }}) > started_at then 1 else 0 end as active_change

    from subscriptions

    union all

    select
        customer_id,
        ended_at as moved_at,
        -1 as active_change

    from subscriptions

    where
        ended_at > started_at
        and {{ happened_by_as_of('ended_at') }}

),

summed as (

    select
        customer_id,
        moved_at,
        sum(active_change) as active_change

    from moves

    group by customer_id, moved_at

),

counted as (

    select
        customer_id,
        moved_at,
        sum(active_change) over (
            -- one row per customer_id, moved_at
            partition by customer_id
            order by moved_at
            rows between unbounded preceding and current row
        ) as active_count,
        coalesce(
            lead(moved_at) over (
                -- one row per customer_id, moved_at
                partition by customer_id
                order by moved_at
            ), {{ end_of_time() }}
        ) as valid_to_at

    from summed

),

final as (

    select
        customer_id,
        case when active_count > 0 then 'active' else 'lapsed' end as customer_status,
        moved_at as valid_from_at,
        valid_to_at

    from counted

)

select * from final
