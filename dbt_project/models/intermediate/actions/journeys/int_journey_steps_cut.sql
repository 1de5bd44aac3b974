-- One row per event of a resolved customer, as the step of a journey that it is (customer_id, event_number).
{%- set gap_days = var('policy').journeys.gap_days %}
{{ config(materialized='view') }}
with

numbered as (

    select * from {{ ref('int_customer_events_numbered') }}

),

spaced as (

    select
        *,
        coalesce(occurred_at > {{ dbt.dateadd('day', gap_days, 'previous_at') }}, true) as is_after_gap

    from numbered

),

-- Contacts alone say what they are about: each event beside the last contact before it, and the first event of its
-- stretch without a gap. All windows have one order, so that events are sorted once for them.
compared as (

    select
        *,
        max(case when is_after_gap then event_number end) over (
            -- one row per customer_id, event_number
            partition by customer_id
            order by event_number
            rows between unbounded preceding and current row
        ) as stretch_began_number,
        max(case when stated_topic_code is not null then event_number end) over (
            -- one row per customer_id, event_number
            partition by customer_id
            order by event_number
            rows between unbounded preceding and 1 preceding
        ) as contact_number,
        {{ last_known('stated_topic_code') }} over (
            -- one row per customer_id, event_number
            partition by customer_id
            order by event_number
            rows between unbounded preceding and 1 preceding
        ) as contact_topic_code

    from spaced

),

-- At one instant no journey ends and another begins.
begun as (

    select
        *,
        is_after_gap
        or (
            stated_topic_code <> contact_topic_code
            and contact_number >= stretch_began_number
            and occurred_at > previous_at
        ) as is_start

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
