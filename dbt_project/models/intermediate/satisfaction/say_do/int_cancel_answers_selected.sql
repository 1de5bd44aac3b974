-- One row per customer and instant with an answer to why the customer left.
with

responses as (

    select * from {{ ref('int_survey_responses_resolved') }}

    where
        question_role = 'cancel_reason'
        and customer_id <> '{{ unknown_customer_id() }}'
        and trim(answer_text) <> ''

),

reasons as (

    select * from {{ ref('cancel_reasons') }}

),

subscriptions as (

    select * from {{ ref('int_subscriptions_resolved') }}

),

-- What one instant says twice is said once; ids decide between the two.
numbered as (

    select
        *,
        row_number() over (
            -- one row per response_id, question_code
            partition by customer_id, responded_at
            order by response_id desc, question_code desc
        ) as answer_number

    from responses

),

-- Whoever is asked why has left shortly before, or says so shortly before leaving.
ends as (

    select
        numbered.customer_id,
        numbered.responded_at,
        max(subscriptions.ended_at) as left_at

    from numbered

    inner join subscriptions
        on
            numbered.customer_id = subscriptions.customer_id
            and subscriptions.ended_at >= subscriptions.started_at
            and subscriptions.ended_at <= numbered.responded_at
            and subscriptions.ended_at > {{ dbt.dateadd('day', -90, 'numbered.responded_at') }}

    where numbered.answer_number = 1

    group by
        numbered.customer_id,
        numbered.responded_at

),

final as (

    select
        numbered.customer_id,
        numbered.month_start_date,
        coalesce(reasons.reason_code, 'unlisted') as reason_code,
        coalesce(reasons.record_type, 'unlisted') as record_type,
        numbered.responded_at,
        ends.left_at,
        coalesce(ends.left_at, numbered.responded_at) as happened_at

    from numbered

    left join reasons
        on lower(trim(numbered.answer_text)) = lower(trim(reasons.answer))

    left join ends
        on
            numbered.customer_id = ends.customer_id
            and numbered.responded_at = ends.responded_at

    where numbered.answer_number = 1

)

select * from final
