-- One row per customer, month and question role with a scored answer: the latest, with the cell it counts in.
with

responses as (

    select * from {{ ref('int_survey_responses_resolved') }}

),

invitations as (

    select * from {{ ref('int_survey_invitations_resolved') }}

),

months as (

    select * from {{ ref('int_customer_months_measured') }}

),

-- An answer belongs to the month of its invitation, so that the two can be compared. Who was not
-- invited, or answered before, is in the month of the answer.
matched as (

    select
        responses.customer_id,
        responses.question_role,
        responses.response_id,
        responses.question_code,
        responses.responded_at,
        responses.score,
        responses.is_top_box,
        coalesce(invitations.month_start_date, responses.month_start_date) as month_start_date,
        coalesce(responses.design_weight, invitations.design_weight) as design_weight,
        invitations.invitation_id is not null as is_invited

    from responses

    left join invitations
        on
            responses.invitation_id = invitations.invitation_id
            and responses.customer_id = invitations.customer_id
            and responses.responded_at >= invitations.invited_at

    -- Questions without a role have nothing in common that a mean could tell.
    where
        responses.score is not null
        and responses.question_role <> 'other'

),

-- 1 is what a customer said last in the month; ids decide between answers of one instant.
numbered as (

    select
        *,
        row_number() over (
            -- one row per response_id, question_code
            partition by customer_id, month_start_date, question_role
            order by responded_at desc, response_id desc, question_code desc
        ) as answer_number

    from matched

),

placed as (

    select
        numbered.customer_id,
        numbered.month_start_date,
        numbered.question_role,
        numbered.score,
        numbered.is_top_box,
        numbered.is_invited,
        -- Who was not drawn by a design stands for nobody but himself.
        case when numbered.design_weight > 0 then numbered.design_weight else 1 end as design_weight,
        {{ cell_columns('months') }}

    from numbered

    inner join months
        on
            numbered.customer_id = months.customer_id
            and numbered.month_start_date = months.month_start_date

    where numbered.answer_number = 1

),

final as (

    select
        *,
        {{ text('month_start_date') }}
        || '|' || question_role
        || '|' || {{ text('design_weight') }}
        {%- for attribute in cell_attributes() %}
        || '|' || {{ attribute }}
        {%- endfor %} as cell_key

    from placed

)

select * from final
