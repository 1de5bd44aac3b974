-- One row per customer and month with a survey's draw: whether it answered, was silent, or was not asked.
with

invitations as (

    select * from {{ ref('int_survey_invitations_resolved') }}

),

answers as (

    select * from {{ ref('int_survey_answers_selected_to_customer_months') }}

),

-- Those whom a survey drew and, by chance, did not ask.
controls as (

    select
        draws.invitation_id,
        {{ owner_customer_id() }} as customer_id,
        draws.survey_code,
        draws.design_weight,
        {{ business_month('draws.invited_at') }} as month_start_date,
        draws.invited_at

    from {{ ref('stg_survey__invitations') }} as draws

    {{ join_customer('draws', at='draws.invited_at') }}

    where draws.status = 'not_sampled'

),

drawn as (

    select
        *,
        1 as group_rank

    from invitations

    union all

    select
        *,
        2 as group_rank

    from controls

),

-- 1 tells where a customer counts in the month: who was asked by any survey is no control of another.
numbered as (

    select
        *,
        row_number() over (
            -- one row per invitation_id
            partition by customer_id, month_start_date
            order by group_rank, invited_at, invitation_id
        ) as draw_number,
        count(*) over (partition by customer_id, month_start_date) as draw_count

    from drawn

    where customer_id <> '{{ unknown_customer_id() }}'

),

answered as (

    select
        customer_id,
        month_start_date

    from answers

    where is_invited

    group by
        customer_id,
        month_start_date

),

final as (

    select
        numbered.customer_id,
        numbered.month_start_date,
        case
            when numbered.group_rank = 2 then 'not_sampled'
            when answered.customer_id is not null then 'answered'
            else 'silent'
        end as group_type,
        numbered.survey_code,
        -- Who was not drawn by a design stands for nobody but himself.
        case when numbered.design_weight > 0 then numbered.design_weight else 1 end as design_weight,
        numbered.draw_count

    from numbered

    left join answered
        on
            numbered.customer_id = answered.customer_id
            and numbered.month_start_date = answered.month_start_date

    where numbered.draw_number = 1

)

select * from final
