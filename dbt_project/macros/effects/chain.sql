{#- The chain from service to satisfaction to behaviour. Its samples, and the variables of each in their order,
    are told by saydo.config.chain. -#}

{#- A column of the month so many months after (before, if negative) the row's; over months without gaps. -#}
{% macro beside_months(column, months) -%}
    {{ 'lead' if months > 0 else 'lag' }}({{ column }}, {{ months | abs }}) over (
        -- one row per customer_id, month_start_date
        partition by customer_id
        order by month_start_date
    )
{%- endmacro %}

{#- Mean of the customer's rows up to this one, exact but for its last digit. -#}
{% macro mean_so_far(expression) -%}
    {%- set window -%}
    over (
        -- one row per customer_id, month_start_date
        partition by customer_id
        order by month_start_date
        rows between unbounded preceding and current row
    )
    {%- endset -%}
    {{ saydo.quotient('sum(' ~ saydo.exact_number(expression) ~ ') ' ~ window, 'count(*) ' ~ window) }}
{%- endmacro %}

{#- A variable as an expression over int_chain_months_aligned; those that risks are split into are columns. -#}
{% macro chain_variable(code) -%}
    {%- set policy = var('policy').chain -%}
    {%- set expressions = {
        'satisfaction': 'satisfaction_score',
        'below': 'least(satisfaction_score - ' ~ policy.edge ~ ', 0)',
        'above': 'greatest(satisfaction_score - ' ~ policy.edge ~ ', 0)',
        'service': 'experience_score',
        'service_before': 'previous_experience_score',
        'service_after': 'next_experience_score',
        'service_later': 'later_experience_score',
        'revenue': 'next_revenue',
        'new_services': 'next_new_service_count',
        'churned': 'case when leaves_next then 1 when not leaves_next then 0 end',
    } -%}
    {%- for question in policy.questions -%}
        {%- do expressions.update({question: question ~ '_answer'}) -%}
    {%- endfor -%}
    {%- for months in var('policy').profile.tenure_band_months -%}
        {%- set is_reached = 'case when months_since_acquisition >= ' ~ months ~ ' then 1 else 0 end' -%}
        {%- do expressions.update({'tenure_' ~ months: is_reached}) -%}
    {%- endfor -%}
    {{- return(expressions.get(code, code)) -}}
{%- endmacro %}

{#- How many variables the longest sample has. -#}
{% macro chain_positions() -%}
    {{- return(var('chain_samples') | map(attribute='variables') | map('length') | max) -}}
{%- endmacro %}

{#- Rows of `relation` once for everybody and, of samples that have segments, once for each of these; with
    value_<i> and distance_<i> of every position and `columns`. -#}
{% macro chain_segments(relation, columns) -%}
    {%- set measures = [] -%}
    {%- for position in range(1, saydo.chain_positions() + 1) -%}
        {%- do measures.extend(['value_' ~ position, 'distance_' ~ position]) -%}
    {%- endfor -%}
    select *

    from (
        {{ saydo.by_segment(relation, var('policy').chain.segments, columns + measures) }}
    ) as every_segment

    where segment_type = 'all' or has_segments
{%- endmacro %}

{#- A unit so small that the largest value has nine digits, and so has its distance from any mean. -#}
{% macro chain_unit(variable) -%}
    {%- if variable -%}
    {{ saydo.quotient('coalesce(nullif(max(abs(' ~ saydo.chain_variable(variable) ~ ')), 0), 1)', 499999999) }}
    {%- else -%}
    cast(null as double)
    {%- endif -%}
{%- endmacro %}
