-- One row per question that was answered (question_code).
with

questions as (

    select * from {{ ref('int_questions_summarised') }}

),

final as (

    select
        question_code,
        question_role,
        question_text,
        survey_count,
        answer_count,
        scored_count,
        first_answered_at,
        last_answered_at

    from questions

)

select * from final
