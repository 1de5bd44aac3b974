-- One row per event of a resolved customer, with its place in the customer's life (customer_id, event_number).
{{ config(materialized='view') }}
with

events as (

    select
        *,
        {{ source_order('source') }} as source_order,
        case when source = 'interactions' then topic_code end as stated_topic_code,
        {{ is_satisfaction_answer() }} as is_answer

    from {{ ref('int_customer_events_listed') }}

    where customer_id <> '{{ unknown_customer_id() }}'

),

-- Lives in their order: what happened at one instant is told as one thing leads to the other.
final as (

    select
        *,
        cast(
            row_number() over (
                -- one row per source_order, event_type, event_id
                partition by customer_id
                order by occurred_at, source_order, event_type, event_id
            ) as {{ dbt.type_bigint() }}
        ) as event_number,
        lag(occurred_at) over (
            -- one row per source_order, event_type, event_id
            partition by customer_id
            order by occurred_at, source_order, event_type, event_id
        ) as previous_at,
        sum(case when is_answer then 1 else 0 end) over (
            -- one row per source_order, event_type, event_id
            partition by customer_id
            order by occurred_at, source_order, event_type, event_id
            rows between unbounded preceding and current row
        ) as answer_count

    from events

)

select * from final
