-- One row per journey.
{%- set gap_days = var('policy').journeys.gap_days %}
with

steps as (

    select * from {{ ref('int_journey_steps_compared') }}

),

path_steps as (

    select * from {{ ref('int_journey_path_steps_listed') }}

),

statuses as (

    select * from {{ ref('int_statuses_spanned_to_customers') }}

    where customer_status = 'lapsed'

),

summed as (

    select
        journey_id,
        customer_id,
        max(case when step_number = 1 then {{ journey_start_type('event_type') }} end) as start_type,
        min(occurred_at) as started_at,
        max(occurred_at) as ended_at,
        count(*) as step_count,
        max(case when {{ is_said_or_made_good() }} then step_number end) as last_said_number,
        max(
            case
                when {{ is_said_or_made_good() }} and coalesce(is_resolved, source <> 'interactions') then step_number
            end
        )
            as last_solved_number

    from steps

    group by journey_id, customer_id

),

paths as (

    select
        journey_id,
        {{ journey_path('path_step_number', 'event_type', 'path_step_count') }} as path,
        {{ whole('max(path_step_count)') }} as path_step_count,
        max(case when path_step_number = path_step_count then satisfaction_after end)
        - max(case when path_step_number = 1 then satisfaction_before end) as satisfaction_change

    from path_steps

    group by journey_id

),

-- Journeys after which nothing was active any more, and something had been before.
leavers as (

    select summed.journey_id

    from summed

    inner join statuses
        on
            summed.customer_id = statuses.customer_id
            and summed.started_at <= statuses.valid_from_at
            and summed.ended_at >= statuses.valid_from_at
            and summed.ended_at < statuses.valid_to_at

),

final as (

    select
        summed.journey_id,
        summed.customer_id,
        summed.start_type,
        paths.path,
        paths.path_step_count,
        summed.step_count,
        case
            when leavers.journey_id is not null then 'left'
            when {{ dbt.dateadd('day', gap_days, 'summed.ended_at') }} >= {{ as_of_end_at() }} then 'open'
            when summed.last_solved_number = summed.last_said_number then 'resolved'
            else 'quiet'
        end as outcome,
        paths.satisfaction_change,
        {{ hours_between('summed.started_at', 'summed.ended_at') }} as elapsed_hours,
        summed.started_at,
        summed.ended_at

    from summed

    inner join paths
        on summed.journey_id = paths.journey_id

    left join leavers
        on summed.journey_id = leavers.journey_id

)

select * from final
