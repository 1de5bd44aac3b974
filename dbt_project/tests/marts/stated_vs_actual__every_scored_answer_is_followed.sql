-- A failure means that an answer was lost or doubled. Resolve: a join in int_stated_answers_followed fans out or drops rows.
with

given as (

    select
        responses.customer_id,
        responses.question_role,
        responses.responded_at

    from {{ ref('int_survey_responses_resolved') }} as responses

    inner join {{ ref('say_do_thresholds') }} as thresholds
        on responses.question_role = thresholds.question_role

    where
        responses.score is not null
        and responses.customer_id <> '{{ unknown_customer_id() }}'

    group by
        responses.customer_id,
        responses.question_role,
        responses.responded_at

),

counted as (

    select
        (select count(*) from given) as given_count,
        (select count(*) from {{ ref('stated_vs_actual') }}) as followed_count

)

select * from counted

where given_count <> followed_count
