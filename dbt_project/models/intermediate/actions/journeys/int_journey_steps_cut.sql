-- One row per event of a resolved customer, as the step of a journey that it is (customer_id, event_number).
{%- set gap_days = var('policy').journeys.gap_days %}
{{ config(materialized='view') }}
with

numbered as (

    select * from {{ ref('int_customer_events_numbered') }}

),

-- Stretches without a gap.
stretched as (

    select
        *,
        sum(
            case when occurred_at <= {{ dbt.dateadd('day', gap_days, 'previous_at') }} then 0 else 1 end
        ) over (
            -- one row per customer_id, event_number
            partition by customer_id
            order by event_number
            rows between unbounded preceding and current row
        ) as stretch_number

    from numbered

),

-- Contacts alone say what they are about: each beside the one before it in its stretch.
compared as (

    select
        *,
        lag(event_number) over (
            -- one row per customer_id, event_number
            partition by customer_id, stretch_number
            order by event_number
        ) as previous_number,
        lag(stated_topic_code) over (
            -- one row per customer_id, event_number
            partition by customer_id, stretch_number, stated_topic_code is null
            order by event_number
        ) as previous_topic_code

    from stretched

),

-- At one instant no journey ends and another begins.
begun as (

    select
        *,
        previous_number is null
        or (stated_topic_code <> previous_topic_code and occurred_at > previous_at) as is_start

    from compared

),

final as (

    select
        source,
        event_type,
        event_id,
        customer_id,
        topic_code,
        amount,
        score,
        is_resolved,
        is_answer,
        event_number,
        answer_count,
        previous_at,
        max(case when is_start then occurred_at end) over (
            -- one row per customer_id, event_number
            partition by customer_id
            order by event_number
            rows between unbounded preceding and current row
        ) as started_at,
        event_number + 1 - max(case when is_start then event_number end) over (
            -- one row per customer_id, event_number
            partition by customer_id
            order by event_number
            rows between unbounded preceding and current row
        ) as step_number,
        occurred_at

    from begun

)

select * from final
