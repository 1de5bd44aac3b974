-- One row per customer, question role and instant with a scored answer: what was said beside what was done.
with

answers as (

    select * from {{ ref('int_stated_answers_selected') }}

),

moments as (

    select * from {{ ref('int_moments_measured') }}

),

final as (

    select
        answers.customer_id,
        answers.question_role,
        answers.stated_band,
        {{ say_do_quadrant('answers.is_satisfied', 'moments.stay_outcome', 'moments.spend_outcome') }}
            as say_do_quadrant,
        moments.stay_outcome,
        moments.spend_outcome,
        answers.stated_score,
        moments.experience_score_before,
        moments.fault_day_count_before,
        moments.mrr_before,
        moments.mrr_after,
        moments.revenue_before,
        moments.revenue_after,
        moments.revenue_change_ratio,
        moments.new_service_count,
        answers.is_satisfied,
        moments.is_pending,
        moments.happened_date as answered_date,
        answers.month_start_date,
        moments.followed_until_date,
        answers.responded_at as answered_at

    from answers

    inner join moments
        on
            answers.customer_id = moments.customer_id
            and answers.responded_at = moments.happened_at

)

select * from final
