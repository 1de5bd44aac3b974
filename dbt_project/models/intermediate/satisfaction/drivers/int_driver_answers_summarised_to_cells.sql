-- One row per group of customers and bands of all features: their answers about overall satisfaction.
with

answers as (

    select * from {{ ref('int_survey_answers_selected_to_customer_months') }}

    where question_role = 'overall_satisfaction'

),

bands as (

    select * from {{ ref('int_drivers_banded_to_customer_months') }}

),

placed as (

    select
        -- Sixteen groups that have nothing to do with when or where a customer came.
        substring({{ dbt.hash('answers.customer_id') }}, 1, 1) as customer_group,
        answers.score,
        {%- for feature in driver_features() %}
        bands.{{ feature }}{{ ',' if not loop.last }}
        {%- endfor %}

    from answers

    inner join bands
        on
            answers.customer_id = bands.customer_id
            and answers.month_start_date = bands.month_start_date

),

final as (

    select
        customer_group,
        {%- for feature in driver_features() %}
        {{ feature }},
        {%- endfor %}
        count(*) as answer_count,
        sum({{ exact_number('score') }}) as total_score,
        sum({{ exact_number('score * score') }}) as total_squared_score

    from placed

    group by
        {%- for feature in driver_features() %}
        {{ feature }},
        {%- endfor %}
        customer_group

)

select * from final
