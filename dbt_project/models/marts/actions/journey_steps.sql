-- One row per step of a journey, an event of the customer's life.
{{ config(materialized='view') }}
with

steps as (

    select * from {{ ref('int_journey_steps_compared') }}

),

final as (

    select
        journey_id,
        step_number,
        customer_id,
        event_type,
        source,
        topic_code,
        satisfaction_before,
        satisfaction_after,
        {{ hours_between('previous_at', 'occurred_at') }} as hours_since_previous,
        occurred_at

    from steps

)

select * from final
