-- One row per month, question role and attributes of customers: how many were invited to a survey that asked it.
with

invitations as (

    select * from {{ ref('int_survey_invitations_resolved') }}

),

responses as (

    select * from {{ ref('int_survey_responses_resolved') }}

),

months as (

    select * from {{ ref('int_customer_months_measured') }}

),

-- What a survey asked in a month is what anybody answered to an invitation.
asked as (

    select
        invitations.survey_code,
        invitations.month_start_date,
        responses.question_role

    from responses

    inner join invitations
        on responses.invitation_id = invitations.invitation_id

    where
        responses.score is not null
        and responses.question_role <> 'other'

    group by
        invitations.survey_code,
        invitations.month_start_date,
        responses.question_role

),

-- A customer who is invited twice in a month can answer once.
invited as (

    select
        invitations.customer_id,
        invitations.month_start_date,
        asked.question_role

    from invitations

    inner join asked
        on
            invitations.survey_code = asked.survey_code
            and invitations.month_start_date = asked.month_start_date

    group by
        invitations.customer_id,
        invitations.month_start_date,
        asked.question_role

),

placed as (

    select
        invited.month_start_date,
        invited.question_role,
        {{ cell_columns('months') }}

    from invited

    inner join months
        on
            invited.customer_id = months.customer_id
            and invited.month_start_date = months.month_start_date

),

final as (

    select
        month_start_date,
        question_role,
        {%- for attribute in cell_attributes() %}
        {{ attribute }},
        {%- endfor %}
        count(*) as invited_count

    from placed

    group by
        {%- for attribute in cell_attributes() %}
        {{ attribute }},
        {%- endfor %}
        month_start_date,
        question_role

)

select * from final
