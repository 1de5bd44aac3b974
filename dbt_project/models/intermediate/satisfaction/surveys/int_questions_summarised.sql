-- One row per question that was answered (question_code).
with

answers as (

    select * from {{ ref('stg_survey__responses') }}

),

texts as (

    select * from {{ ref('stg_operations__question_texts') }}

),

newest_texts as (

    select
        question_code,
        question_text,
        row_number() over (
            partition by question_code
            -- one row per batch_id, question_code
            order by sequence desc, batch_id desc
        ) as newness

    from texts

),

summarised as (

    select
        question_code,
        min(question_role) as question_role,
        count(distinct survey_code) as survey_count,
        count(*) as answer_count,
        count(score) as scored_count,
        min(responded_at) as first_answered_at,
        max(responded_at) as last_answered_at

    from answers

    group by question_code

),

final as (

    select
        summarised.question_code,
        summarised.question_role,
        newest_texts.question_text,
        summarised.survey_count,
        summarised.answer_count,
        summarised.scored_count,
        summarised.first_answered_at,
        summarised.last_answered_at

    from summarised

    left join newest_texts
        on
            summarised.question_code = newest_texts.question_code
            and newest_texts.newness = 1

)

select * from final
