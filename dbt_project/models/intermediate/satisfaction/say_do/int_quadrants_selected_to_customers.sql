-- One row per customer of whom it can be said how what was said and done agree: the quadrant as of the as-of date.
with

answers as (

    select * from {{ ref('int_stated_answers_followed') }}

    where say_do_quadrant is not null

),

moments as (

    select * from {{ ref('int_moments_measured') }}

),

surveys as (

    select * from {{ ref('int_survey_summarised_to_customers') }}

),

-- 1 is the latest answer whose 90 days are over; of one instant, satisfaction speaks before intent.
numbered as (

    select
        customer_id,
        say_do_quadrant,
        row_number() over (
            -- one row per customer_id, question_role, answered_at
            partition by customer_id
            order by
                answered_at desc,
                case question_role when 'overall_satisfaction' then 1 when 'stated_stay_intent' then 2 else 3 end asc,
                question_role asc
        ) as answer_number

    from answers

),

final as (

    select
        customer_id,
        say_do_quadrant

    from numbered

    where answer_number = 1

    union all

    -- Who was never asked, nor why they left, is there for one reason: the service is poor.
    select
        moments.customer_id,
        'silent_detractor' as say_do_quadrant

    from moments

    left join surveys
        on moments.customer_id = surveys.customer_id

    where
        surveys.customer_id is null
        and (moments.spend_outcome = 'fell' or moments.stay_outcome = 'left')

)

select * from final
