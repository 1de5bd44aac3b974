-- One row per step of a path (start_type, path, path_step_number), with sums of the changes after it over its customers.
with

path_steps as (

    select * from {{ ref('int_journey_path_steps_listed') }}

    where path_step_number <= {{ path_length() }}

),

journeys as (

    select * from {{ ref('int_journeys_summarised') }}

),

-- Each customer counts once, with the mean of his changes.
customers as (

    select
        journeys.start_type,
        journeys.path,
        path_steps.path_step_number,
        path_steps.event_type,
        path_steps.customer_id,
        {{ effect(quotient(
            'sum(path_steps.satisfaction_after - path_steps.satisfaction_before)',
            'count(path_steps.satisfaction_after - path_steps.satisfaction_before)'
        )) }} as satisfaction_change

    from path_steps

    inner join journeys
        on path_steps.journey_id = journeys.journey_id

    group by
        journeys.start_type,
        journeys.path,
        path_steps.path_step_number,
        path_steps.event_type,
        path_steps.customer_id

),

final as (

    select
        start_type,
        path,
        path_step_number,
        event_type,
        {{ change_sums() }}

    from customers

    group by start_type, path, path_step_number, event_type

)

select * from final
