-- One row per journey of a customer.
with

journeys as (

    select * from {{ ref('int_journeys_summarised') }}

),

path_steps as (

    select * from {{ ref('int_journey_path_steps_listed') }}

),

estimates as (

    select * from {{ source('estimates', 'journey_paths') }}

),

final as (

    select
        journeys.journey_id,
        journeys.customer_id,
        journeys.start_type,
        journeys.path,
        journeys.outcome,
        journeys.step_count,
        {{ whole('path_steps.step_number') }} as worst_step_number,
        {{ number('journeys.satisfaction_change') }} as satisfaction_change,
        journeys.elapsed_hours,
        journeys.started_at,
        journeys.ended_at

    from journeys

    left join estimates
        on
            journeys.start_type = estimates.start_type
            and journeys.path = estimates.path

    left join path_steps
        on
            journeys.journey_id = path_steps.journey_id
            and estimates.worst_step_number = path_steps.path_step_number

)

select * from final
