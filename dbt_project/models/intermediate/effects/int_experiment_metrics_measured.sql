-- One row per experiment, customer and metric that is known after assignment: its value after and before.
{%- set horizon = var('policy').experiments.horizon_months %}
{%- set totals = [
    ('revenue', 'months.revenue', 'sum'),
    ('left', 'case when months.is_churned then 1 else 0 end', 'max'),
    ('new_services', 'months.new_service_count', 'sum'),
] %}
with

assigned as (

    select * from {{ ref('int_experiment_assignments_selected_to_customers') }}

    where
        not has_two_variants
        and not is_pending

),

months as (

    select * from {{ ref('int_customer_months_measured') }}

),

-- The month of assignment is in neither: part of it is before.
measured as (

    select
        assigned.experiment_code,
        assigned.variant_code,
        assigned.customer_id,
        coalesce(
            max(case
                when months.month_start_date = {{ dbt.dateadd('month', -1, 'assigned.month_start_date') }}
                    then months.latest_satisfaction_band
            end),
            'never_asked'
        ) as latest_satisfaction_band,
        {%- for name, value, aggregate in totals %}
        coalesce({{ aggregate }}(case when months.month_start_date > assigned.month_start_date then {{ value }} end), 0)
            as {{ name }}_after,
        {{ aggregate }}(case when months.month_start_date < assigned.month_start_date then {{ value }} end)
            as {{ name }}_before,
        {%- endfor %}
        {{ mean_score('case when months.month_start_date > assigned.month_start_date then months.satisfaction_score end') }}
            as satisfaction_after,
        {{ mean_score('case when months.month_start_date < assigned.month_start_date then months.satisfaction_score end') }}
            as satisfaction_before

    from assigned

    left join months
        on
            assigned.customer_id = months.customer_id
            and months.month_start_date >= {{ dbt.dateadd('month', -horizon, 'assigned.month_start_date') }}
            and months.month_start_date <= {{ dbt.dateadd('month', horizon, 'assigned.month_start_date') }}

    group by assigned.experiment_code, assigned.variant_code, assigned.customer_id

),

-- Who was not there before, or not asked, is taken to have been as the others were on average.
filled as (

    select
        experiment_code,
        variant_code,
        customer_id,
        latest_satisfaction_band,
        {%- for name in ['revenue', 'left', 'new_services', 'satisfaction'] %}
        {{ number(name ~ '_after') }} as {{ name }}_after,
        coalesce(
            {{ number(name ~ '_before') }},
            {{ rounded(
                quotient(
                    'sum(' ~ exact_number(name ~ '_before') ~ ') over (partition by experiment_code)',
                    'count(' ~ name ~ '_before) over (partition by experiment_code)'
                ),
                6,
                limit=largest_number()
            ) }},
            0
        ) as {{ name }}_before{{ ',' if not loop.last }}
        {%- endfor %}

    from measured

),

final as (

    {%- for name in ['revenue', 'left', 'new_services', 'satisfaction'] %}

    select
        experiment_code,
        variant_code,
        customer_id,
        '{{ name }}' as metric_code,
        latest_satisfaction_band,
        {{ name }}_after as value_after,
        {{ name }}_before as value_before,
        satisfaction_after,
        satisfaction_before

    from filled
    {%- if name == 'satisfaction' %}

    where satisfaction_after is not null
    {%- else %}

    union all
    {%- endif %}
    {%- endfor %}

)

select * from final
