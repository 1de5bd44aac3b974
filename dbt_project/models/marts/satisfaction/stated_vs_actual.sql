-- One row per customer, question role and instant with a scored answer to a question of intent or satisfaction.
with

answers as (

    select
        *,
        cast({{ dbt.dateadd('month', -1, 'month_start_date') }} as date) as previous_month_start_date

    from {{ ref('int_stated_answers_followed') }}

),

previous_months as (

    select
        customer_id,
        previous_month_start_date as month_start_date

    from answers

    group by
        customer_id,
        previous_month_start_date

),

predicted as (

    {{ predicted_satisfaction('previous_months') }}

),

final as (

    select
        answers.customer_id,
        answers.question_role,
        answers.stated_band,
        answers.say_do_quadrant,
        answers.stay_outcome,
        answers.spend_outcome,
        {{ number('answers.stated_score') }} as stated_score,
        predicted.predicted_satisfaction_score,
        case
            when answers.question_role = 'overall_satisfaction'
                then {{ number('answers.stated_score - predicted.predicted_satisfaction_score') }}
        end as stated_less_predicted_score,
        answers.experience_score_before,
        answers.fault_day_count_before,
        answers.mrr_before,
        answers.mrr_after,
        answers.revenue_before,
        answers.revenue_after,
        answers.revenue_change_ratio,
        answers.new_service_count,
        answers.is_satisfied,
        answers.is_pending,
        answers.answered_date,
        answers.month_start_date,
        answers.followed_until_date,
        answers.answered_at

    from answers

    left join predicted
        on
            answers.customer_id = predicted.customer_id
            and answers.previous_month_start_date = predicted.month_start_date

)

select * from final
