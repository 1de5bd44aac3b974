-- One row per customer with an invitation or an answer: counts, and the latest answer per question.
with

months as (

    select * from {{ ref('int_survey_summarised_to_customer_months') }}

),

scored as (

    select * from {{ ref('int_survey_responses_resolved') }}

    where
        score is not null
        and question_role in ('overall_satisfaction', 'recommend', 'stated_stay_intent')

),

-- 1 is the newest answer; ids decide between answers of one instant.
numbered as (

    select
        customer_id,
        question_role,
        score,
        responded_at,
        row_number() over (
            -- one row per response_id, question_code
            partition by customer_id, question_role
            order by responded_at desc, response_id desc, question_code desc
        ) as answer_number

    from scored

),

latest as (

    select
        customer_id,
        {%- for role, name in [
            ('overall_satisfaction', 'satisfaction'), ('recommend', 'recommend'), ('stated_stay_intent', 'stated_stay')
        ] %}
        max(case when question_role = '{{ role }}' and answer_number = 1 then score end) as latest_{{ name }}_score,
        {%- endfor %}
        max(
            case when question_role = 'overall_satisfaction' and answer_number = 2 then score end
        ) as previous_satisfaction_score,
        max(
            case when question_role = 'overall_satisfaction' and answer_number = 1 then responded_at end
        ) as latest_satisfaction_at

    from numbered

    group by customer_id

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
        latest.previous_satisfaction_score,
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
