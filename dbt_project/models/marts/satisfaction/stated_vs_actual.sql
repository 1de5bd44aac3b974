-- One row per customer, question role and instant with a scored answer to a question of intent or satisfaction.
with

answers as (

    select * from {{ ref('int_stated_answers_followed') }}

),

final as (

    select
        customer_id,
        question_role,
        stated_band,
        say_do_quadrant,
        stay_outcome,
        spend_outcome,
        {{ number('stated_score') }} as stated_score,
        {{ number('null') }} as predicted_satisfaction_score,
        experience_score_before,
        fault_day_count_before,
        mrr_before,
        mrr_after,
        revenue_before,
        revenue_after,
        revenue_change_ratio,
        new_service_count,
        is_satisfied,
        is_pending,
        answered_date,
        month_start_date,
        followed_until_date,
        answered_at

    from answers

)

select * from final
