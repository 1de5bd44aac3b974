-- One row per cell of answers and cell of the wave before, of customers who answered a question role in both.
with

answers as (

    select * from {{ ref('int_survey_answers_selected_to_customer_months') }}

),

role_months as (

    select
        question_role,
        month_start_date

    from answers

    group by
        question_role,
        month_start_date

),

-- A wave is a month with answers: of a quarterly survey the one before is three months ago.
waves as (

    select
        question_role,
        month_start_date,
        lag(month_start_date) over (
            -- one row per question_role, month_start_date
            partition by question_role
            order by month_start_date
        ) as previous_month_start_date

    from role_months

),

final as (

    select
        answers.cell_key,
        previous_answers.cell_key as previous_cell_key,
        count(*) as answer_count,
        sum({{ exact_number('answers.score') }}) as total_score,
        sum({{ exact_number('previous_answers.score') }}) as previous_total_score,
        sum({{ exact_number('answers.score * previous_answers.score') }}) as total_product

    from waves

    inner join answers
        on
            waves.question_role = answers.question_role
            and waves.month_start_date = answers.month_start_date

    inner join answers as previous_answers
        on
            waves.question_role = previous_answers.question_role
            and waves.previous_month_start_date = previous_answers.month_start_date
            and answers.customer_id = previous_answers.customer_id

    group by
        answers.cell_key,
        previous_answers.cell_key

)

select * from final
