-- One row per customer and month with an answer: service up to it, the answer, behaviour in the next month.
{%- set questions = var('policy').chain.questions %}
with

months as (

    select * from {{ ref('int_customer_months_measured') }}

),

{%- if questions %}

answers as (

    select
        customer_id,
        {%- for question in questions %}
        {{ mean_score("case when question_role = '" ~ question ~ "' then score end") }} as {{ question }}_answer,
        {%- endfor %}
        month_start_date

    from {{ ref('int_survey_responses_resolved') }}

    where score is not null

    group by
        customer_id,
        month_start_date

),
{%- endif %}

-- Months have no gaps, so that the row beside is the month beside.
beside as (

    select
        *,
        {{ beside_months('experience_score', -1) }} as previous_experience_score,
        {{ beside_months('experience_score', 1) }} as next_experience_score,
        {{ beside_months('experience_score', 2) }} as later_experience_score,
        {{ beside_months('revenue', 1) }} as revenue_of_next,
        {{ beside_months('new_service_count', 1) }} as new_service_count_of_next,
        {{ beside_months('closing_mrr', 1) }} as closing_mrr_of_next

    from months

),

judged as (

    select
        *,
        -- Joined, came back, left, or not over yet: nothing to hold another month against.
        (opening_mrr > 0) <> (closing_mrr > 0) or {{ month_is_unfinished('month_start_date') }} as is_partial,
        closing_mrr > 0 and not {{ month_is_unfinished('month_start_date', 1) }} as is_followed

    from beside

),

final as (

    select
        judged.customer_id,
        judged.month_start_date,
        substring({{ dbt.hash('judged.customer_id') }}, 1, 2) as customer_group,
        {%- for segment in var('policy').chain.segments %}
        judged.{{ segment }},
        {%- endfor %}
        {{ dbt.datediff('judged.acquisition_month_start_date', 'judged.month_start_date', 'month') }}
        as months_since_acquisition,
        judged.is_partial,
        judged.previous_experience_score,
        judged.experience_score,
        {{- kpi_columns('judged') }}
        judged.satisfaction_score,
        {%- for question in questions %}
        answers.{{ question }}_answer,
        {%- endfor %}
        -- Whole months of those who stay.
        case when judged.is_followed and judged.closing_mrr_of_next > 0 then judged.revenue_of_next end as next_revenue,
        case
            when judged.is_followed and judged.closing_mrr_of_next > 0 then judged.new_service_count_of_next
        end as next_new_service_count,
        case when judged.is_followed then judged.closing_mrr_of_next = 0 end as leaves_next,
        judged.next_experience_score,
        judged.later_experience_score

    from judged
    {%- if questions %}

    left join answers
        on
            judged.customer_id = answers.customer_id
            and judged.month_start_date = answers.month_start_date
    {%- endif %}

    where
        judged.satisfaction_score is not null
        {%- for question in questions %}
        or answers.{{ question }}_answer is not null
        {%- endfor %}

)

select * from final
