-- One row per month, question role, design weight and attributes of customers: their scored answers.
with

answers as (

    select * from {{ ref('int_survey_answers_selected_to_customer_months') }}

),

final as (

    select
        month_start_date,
        question_role,
        cell_key,
        {%- for attribute in cell_attributes() %}
        {{ attribute }},
        {%- endfor %}
        design_weight,
        count(*) as answer_count,
        {{ whole('sum(case when is_invited then 1 else 0 end)') }} as invited_answer_count,
        sum({{ exact_number('score') }}) as total_score,
        sum({{ exact_number('score * score') }}) as total_squared_score,
        {{ whole('sum(case when is_top_box then 1 else 0 end)') }} as top_box_count,
        {{ whole('sum(case when score >= 9 then 1 else 0 end)') }} as promoter_count,
        {{ whole('sum(case when score <= 6 then 1 else 0 end)') }} as detractor_count

    from answers

    group by
        month_start_date,
        question_role,
        cell_key,
        {%- for attribute in cell_attributes() %}
        {{ attribute }},
        {%- endfor %}
        design_weight

)

select * from final
