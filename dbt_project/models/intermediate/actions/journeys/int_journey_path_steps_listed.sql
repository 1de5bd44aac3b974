-- One row per step of a journey's path: repeats are one, and surveys are none but where they begin it.
with

steps as (

    select * from {{ ref('int_journey_steps_compared') }}

    where step_number = 1 or source not in ('survey_invitations', 'survey_responses')

),

compared as (

    select
        *,
        lag(event_type) over (
            -- one row per journey_id, step_number
            partition by journey_id
            order by step_number
        ) as previous_event_type

    from steps

),

final as (

    select
        journey_id,
        row_number() over (
            -- one row per journey_id, step_number
            partition by journey_id
            order by step_number
        ) as path_step_number,
        count(*) over (partition by journey_id) as path_step_count,
        customer_id,
        step_number,
        event_type,
        satisfaction_before,
        satisfaction_after

    from compared

    where previous_event_type is null or event_type <> previous_event_type

)

select * from final
