-- One row per customer, question role and instant with a scored answer to a question of intent or satisfaction.
with

responses as (

    select * from {{ ref('int_survey_responses_resolved') }}

),

-- Which roles are followed stands where it stands what counts as satisfied.
roles as (

    select
        question_role,
        value as satisfied_from

    from {{ ref('say_do_thresholds') }}

    where threshold_code = 'says_satisfied_from'

),

-- What one instant says twice is said once; ids decide between the two.
numbered as (

    select
        responses.customer_id,
        responses.question_role,
        responses.responded_at,
        responses.month_start_date,
        responses.score,
        responses.score >= roles.satisfied_from as says_satisfied,
        row_number() over (
            -- one row per response_id, question_code
            partition by responses.customer_id, responses.question_role, responses.responded_at
            order by responses.response_id desc, responses.question_code desc
        ) as answer_number

    from responses

    inner join roles
        on responses.question_role = roles.question_role

    where
        responses.score is not null
        and responses.customer_id <> '{{ unknown_customer_id() }}'

),

final as (

    select
        customer_id,
        question_role,
        month_start_date,
        score as stated_score,
        {{ satisfaction_band('score') }} as stated_band,
        says_satisfied as is_satisfied,
        responded_at

    from numbered

    where answer_number = 1

)

select * from final
