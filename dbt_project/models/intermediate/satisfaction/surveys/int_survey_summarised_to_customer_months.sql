-- One row per customer and business month with an invitation or an answer.
with

responses as (

    select * from {{ ref('int_survey_responses_resolved') }}

),

invitations as (

    select * from {{ ref('int_survey_invitations_resolved') }}

),

unioned as (

    select
        customer_id,
        month_start_date,
        response_id,
        cast(null as {{ dbt.type_string() }}) as invitation_id,
        case when question_role = 'overall_satisfaction' then score end as satisfaction_score,
        case when question_role = 'recommend' then score end as recommend_score,
        responded_at as happened_at

    from responses

    union all

    select
        customer_id,
        month_start_date,
        cast(null as {{ dbt.type_string() }}) as response_id,
        invitation_id,
        cast(null as decimal(18, 6)) as satisfaction_score,
        cast(null as decimal(18, 6)) as recommend_score,
        invited_at as happened_at

    from invitations

),

final as (

    select
        customer_id,
        month_start_date,
        count(invitation_id) as invitation_count,
        -- A response answers several questions: count it once.
        count(distinct response_id) as response_count,
        {{ mean_score('satisfaction_score') }} as satisfaction_score,
        {{ mean_score('recommend_score') }} as recommend_score,
        min(happened_at) as first_happened_at,
        max(happened_at) as last_happened_at

    from unioned

    group by
        customer_id,
        month_start_date

)

select * from final
