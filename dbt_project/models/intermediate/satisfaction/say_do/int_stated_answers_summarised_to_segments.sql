-- One row per month, question role, stated band and segment with an answer: what followed, counted.
{%- set segments = var('policy').segments.satisfaction %}
with

answers as (

    select
        *,
        -- 1 is what a customer said last in the month: each counts once.
        row_number() over (
            -- one row per customer_id, question_role, answered_at
            partition by customer_id, question_role, month_start_date
            order by answered_at desc
        ) as answer_number

    from {{ ref('int_stated_answers_followed') }}

),

months as (

    select * from {{ ref('int_customer_months_measured') }}

),

placed as (

    select
        answers.month_start_date,
        answers.question_role,
        answers.stated_band,
        answers.stated_score,
        answers.is_pending,
        answers.stay_outcome,
        answers.spend_outcome,
        answers.new_service_count
        {%- for segment in segments %},
        months.{{ segment }}
        {%- endfor %}

    from answers

    left join months
        on
            answers.customer_id = months.customer_id
            and answers.month_start_date = months.month_start_date

    where answers.answer_number = 1

),

segmented as (

    {{ by_segment('placed', segments, [
        'month_start_date', 'question_role', 'stated_band', 'stated_score', 'is_pending', 'stay_outcome', 'spend_outcome',
        'new_service_count'
    ]) }}

),

final as (

    select
        month_start_date,
        question_role,
        stated_band,
        segment_type,
        segment_code,
        count(*) as response_count,
        {%- for name, is_counted in [
            ('pending', 'is_pending'), ('buying', 'new_service_count > 0'),
            ('paying', 'stay_outcome is not null'), ('staying', "stay_outcome = 'stayed'"),
            ('spending', 'spend_outcome is not null'), ('keeping', "spend_outcome = 'kept'")
        ] %}
        {{ whole('sum(case when ' ~ is_counted ~ ' then 1 else 0 end)') }} as {{ name }}_count,
        {%- endfor %}
        sum(case when stay_outcome is not null then {{ exact_number('stated_score') }} else 0 end) as total_paying_score,
        sum(case when spend_outcome is not null then {{ exact_number('stated_score') }} else 0 end) as total_spending_score

    from segmented

    group by
        month_start_date,
        question_role,
        stated_band,
        segment_type,
        segment_code

)

select * from final
