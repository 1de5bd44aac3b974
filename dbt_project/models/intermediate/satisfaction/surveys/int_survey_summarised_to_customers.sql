-- One row per customer with an invitation or an answer: counts, and the latest answer per question.
with

months as (

    select * from {{ ref('int_survey_summarised_to_customer_months') }}

),

latest as (

    select * from {{ ref('int_survey_responses_selected_to_customers') }}

),

counted as (

    select
        customer_id,
        {{ whole('sum(invitation_count)') }} as survey_invitation_count,
        {{ whole('sum(response_count)') }} as survey_response_count,
        min(first_happened_at) as first_happened_at,
        max(last_happened_at) as last_happened_at

    from months

    group by customer_id

),

final as (

    select
        counted.customer_id,
        counted.survey_invitation_count,
        counted.survey_response_count,
        latest.latest_satisfaction_score,
        {{ satisfaction_band('latest.latest_satisfaction_score') }} as satisfaction_band,
        {{ satisfaction_band('latest.previous_satisfaction_score') }} as previous_satisfaction_band,
        latest.latest_recommend_score,
        latest.latest_stated_stay_score,
        latest.latest_satisfaction_at,
        counted.first_happened_at,
        counted.last_happened_at

    from counted

    left join latest
        on counted.customer_id = latest.customer_id

)

select * from final
