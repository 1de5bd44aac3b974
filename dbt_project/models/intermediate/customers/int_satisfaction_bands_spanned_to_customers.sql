-- One row per customer and span in which one answer on satisfaction was the latest (customer_id, valid_from_at).
{{ config(materialized='view') }}
with

responses as (

    select * from {{ ref('int_survey_responses_resolved') }}

    where
        score is not null
        and question_role = 'overall_satisfaction'
        and customer_id <> '{{ unknown_customer_id() }}'

),

followed as (

    select
        *,
        coalesce(
            lead(responded_at) over (
                -- one row per response_id, question_code
                partition by customer_id
                order by responded_at, response_id, question_code
            ), {{ end_of_time() }}
        ) as valid_to_at

    from responses

),

final as (

    select
        customer_id,
        {{ satisfaction_band('score') }} as satisfaction_band,
        responded_at as valid_from_at,
        valid_to_at

    from followed

    -- Of answers of one instant the last counts.
    where valid_to_at > responded_at

)

select * from final
