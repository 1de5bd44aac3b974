-- One row per answer to one question of one survey response, with its customer.
with

responses as (

    select * from {{ ref('stg_survey__responses') }}

),

final as (

    select
        responses.response_id,
        responses.invitation_id,
        responses.question_code,
        {{ owner_customer_id() }} as customer_id,
        responses.survey_code,
        responses.question_role,
        responses.score,
        responses.answer_text,
        responses.design_weight,
        {{ business_month('responses.responded_at') }} as month_start_date,
        responses.responded_at,
        {{ is_top_box('responses.score', scale_width('responses')) }} as is_top_box

    from responses

    {{ join_customer('responses', at='responses.responded_at') }}

)

select * from final
