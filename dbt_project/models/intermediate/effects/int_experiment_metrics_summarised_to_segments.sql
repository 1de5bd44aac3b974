-- One row per experiment, variant, metric and segment with a measured customer: exact sums for estimates.
{%- set products = [
    ('before_squared', 'value_before', 'value_before'),
    ('before_after', 'value_before', 'value_after'),
    ('after_squared', 'value_after', 'value_after'),
] %}
{%- set beside_satisfaction = [
    ('after_satisfaction', 'value_after', 'satisfaction_after'),
    ('after_previous_satisfaction', 'value_after', 'satisfaction_before'),
    ('before_satisfaction', 'value_before', 'satisfaction_after'),
    ('before_previous_satisfaction', 'value_before', 'satisfaction_before'),
] %}
with

measured as (

    select * from {{ ref('int_experiment_metrics_measured') }}

),

segmented as (

    {{ by_segment('measured', ['latest_satisfaction_band'], [
        'experiment_code', 'variant_code', 'metric_code', 'value_after', 'value_before', 'satisfaction_after',
        'satisfaction_before'
    ]) }}

),

final as (

    select
        experiment_code,
        variant_code,
        metric_code,
        segment_type,
        segment_code,
        count(*) as customer_count,
        count(satisfaction_after) as answered_count,
        {%- for value in ['before', 'after'] %}
        sum({{ exact_number('value_' ~ value) }}) as total_{{ value }},
        sum(case when satisfaction_after is not null then {{ exact_number('value_' ~ value) }} else 0 end)
            as answered_total_{{ value }},
        {%- endfor %}
        sum(case when satisfaction_after is not null then {{ exact_number('satisfaction_before') }} else 0 end)
            as answered_total_previous_satisfaction,
        sum({{ exact_number('coalesce(satisfaction_after, 0)') }}) as answered_total_satisfaction,
        {%- for name, one, other in products %}
        sum({{ product(one, 6, other, 6) }}) as total_{{ name }},
        {%- endfor %}
        {%- for name, one, other in beside_satisfaction %}
        sum(case when satisfaction_after is not null then {{ product(one, 6, other, 6) }} else 0 end)
            as answered_total_{{ name }}{{ ',' if not loop.last }}
        {%- endfor %}

    from segmented

    group by experiment_code, variant_code, metric_code, segment_type, segment_code

)

select * from final
