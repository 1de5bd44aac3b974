-- One row per event of any source in a customer's life.
{{ config(materialized='view') }}
with

events as (

    select * from {{ ref('int_journey_steps_compared') }}

),

final as (

    select
        customer_id,
        event_type,
        source,
        topic_code,
        amount,
        {{ number('score') }} as score,
        journey_id,
        step_number,
        occurred_at

    from events

)

select * from final
