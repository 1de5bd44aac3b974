-- One row per step of a journey, with the satisfaction told before and after it (journey_id, step_number).
{%- set answer_days = var('policy').journeys.answer_days %}
with

steps as (

    select * from {{ ref('int_journey_steps_cut') }}

),

-- Numbered as events count them.
answers as (

    select
        customer_id,
        score,
        occurred_at as answered_at,
        row_number() over (
            -- one row per event_id
            partition by customer_id
            order by occurred_at, event_id
        ) as answer_number

    from {{ ref('int_customer_events_listed') }}

    where {{ is_satisfaction_answer() }}

),

final as (

    select
        {{ named_journey('steps.customer_id', 'steps.started_at') }} as journey_id,
        steps.step_number,
        steps.customer_id,
        steps.source,
        steps.event_type,
        steps.event_id,
        steps.topic_code,
        steps.amount,
        steps.score,
        {{ number('answers_before.score') }} as satisfaction_before,
        {{ number('answers_after.score') }} as satisfaction_after,
        steps.is_resolved,
        case when steps.step_number > 1 then steps.previous_at end as previous_at,
        steps.occurred_at

    from steps

    left join answers as answers_before
        on
            steps.customer_id = answers_before.customer_id
            and steps.answer_count - case when steps.is_answer then 1 else 0 end = answers_before.answer_number
            and steps.occurred_at <= {{ dbt.dateadd('day', answer_days, 'answers_before.answered_at') }}

    left join answers as answers_after
        on
            steps.customer_id = answers_after.customer_id
            and steps.answer_count + 1 = answers_after.answer_number
            and answers_after.answered_at <= {{ dbt.dateadd('day', answer_days, 'steps.occurred_at') }}

)

select * from final
