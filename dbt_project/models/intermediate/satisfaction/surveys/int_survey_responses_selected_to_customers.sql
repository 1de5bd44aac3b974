-- One row per customer with an answer that has a score: the latest to each question that profiles tell of.
{{ config(materialized='view') }}
with

responses as (

    select * from {{ ref('int_survey_responses_resolved') }}

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

    from responses

    where
        score is not null
        and question_role in ('overall_satisfaction', 'recommend', 'stated_stay_intent')

),

final as (

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

)

select * from final
