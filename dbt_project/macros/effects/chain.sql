{#- The chain from service to satisfaction to behaviour: what its variables are, and the rows of its samples.
    Which samples there are, and the variables of each, is told by saydo.config.chain. -#}

{#- A column of the month so many months after (before, if negative) the row's; over months without gaps. -#}
{% macro beside_months(column, months) -%}
    {{ 'lead' if months > 0 else 'lag' }}({{ column }}, {{ months | abs }}) over (
        -- one row per customer_id, month_start_date
        partition by customer_id
        order by month_start_date
    )
{%- endmacro %}

{#- A variable as an expression over int_chain_months_aligned; those of the split of risks are columns. -#}
{% macro chain_variable(code) -%}
    {%- set edge = var('policy').chain.edge -%}
    {%- set expressions = {
        'satisfaction': 'satisfaction_score',
        'service': 'experience_score',
        'service_before': 'previous_experience_score',
        'service_after': 'next_experience_score',
        'service_later': 'later_experience_score',
        'revenue': 'next_revenue',
        'new_services': 'next_new_service_count',
        'churned': 'case when leaves_next then 1 when not leaves_next then 0 end',
        'below': 'least(satisfaction_score - ' ~ edge ~ ', 0)',
        'above': 'greatest(satisfaction_score - ' ~ edge ~ ', 0)',
    } -%}
    {%- for question in var('policy').chain.questions -%}
        {%- do expressions.update({question: question ~ '_answer'}) -%}
    {%- endfor -%}
    {%- for months in var('policy').profile.tenure_band_months -%}
        {%- do expressions.update(
            {'tenure_' ~ months: 'case when months_since_acquisition >= ' ~ months ~ ' then 1 else 0 end'}
        ) -%}
    {%- endfor -%}
    {{- return(expressions.get(code, code)) -}}
{%- endmacro %}

{#- Rows of a sample, scaled by the root of their weight as in weighted least squares: value_<i> of its i-th
    variable, distance_<i> from the customer's mean, null past `positions` of its own. -#}
{% macro chain_rows(sample, relation, positions) -%}
    {%- set segments = var('policy').chain.segments -%}
    {%- set tilt = sample.tilt -%}
    select
        '{{ sample.code }}' as sample_code,
        '{{ sample.variables | join(',') }}' as variable_codes,
        customer_id,
        customer_group,
        month_start_date,
        {%- for segment in segments %}
        {% if sample.has_segments -%}
        first_value({{ segment }}) over (
            -- one row per customer_id, month_start_date
            partition by customer_id
            order by month_start_date
        )
        {%- else -%}
        cast(null as {{ dbt.type_string() }})
        {%- endif %} as {{ segment }},
        {%- endfor %}
        {{ 'true' if sample.has_segments else 'false' }} as has_segments,
        {{ 'true' if sample.is_within else 'false' }} as is_within,
        root_weight,
        {{ saydo.exact_product('root_weight', 'root_weight') }} as weight,
        sum({{ saydo.exact_product('root_weight', 'root_weight') }}) over (partition by customer_id) as customer_weight,
        row_number() over (
            -- one row per customer_id, month_start_date
            partition by customer_id
            order by month_start_date
        ) as row_in_customer,
        {%- for position in range(1, positions + 1) %}
        {%- if position <= sample.variables | length %}
        value_{{ position }},
        {%- if sample.is_within %}
        {{ saydo.number(
            'cast(value_' ~ position ~ ' as double) - cast(root_weight as double) * ('
            ~ 'cast(sum(' ~ saydo.exact_product('root_weight', 'value_' ~ position)
            ~ ') over (partition by customer_id) as double) / '
            ~ 'cast(sum(' ~ saydo.exact_product('root_weight', 'root_weight')
            ~ ') over (partition by customer_id) as double))'
        ) }} as distance_{{ position }}
        {%- else %}
        cast(null as decimal(18, 6)) as distance_{{ position }}
        {%- endif %}
        {%- else %}
        cast(null as decimal(18, 6)) as value_{{ position }},
        cast(null as decimal(18, 6)) as distance_{{ position }}
        {%- endif %}
        {{- ',' if not loop.last }}
        {%- endfor %}

    from (
        select
            customer_id,
            customer_group,
            month_start_date,
            {%- for segment in segments %}
            {{ segment }},
            {%- endfor %}
            root_weight,
            {%- for variable in sample.variables %}
            {{ saydo.number(('root_weight * (' ~ saydo.chain_variable(variable) ~ ')') if tilt else saydo.chain_variable(variable)) }}
            as value_{{ loop.index }}{{ ',' if not loop.last }}
            {%- endfor %}

        from (
            select
                *,
                {% if tilt -%}
                -- The odds of answering, e^(k x score), are undone; the root, and from 5 on, to keep digits.
                cast(round(exp({{ -tilt / 2 }} * (cast(satisfaction_score as double) - 5)), 6) as decimal(18, 6))
                {%- else -%}
                cast(1 as decimal(18, 6))
                {%- endif %} as root_weight

            from {{ relation }}
        ) as weighted

        where
            not is_partial
            {%- for variable in sample.variables %}
            and {{ saydo.chain_variable(variable) }} is not null
            {%- endfor %}
    ) as scaled
{%- endmacro %}

{#- Product of two decimals with six decimals, none lost: their sum is the same in any order. -#}
{% macro exact_product(left, right) -%}
    {{ saydo.product(left, 6, right, 6) }}
{%- endmacro %}

{#- How many variables the longest sample has. -#}
{% macro chain_positions() -%}
    {{- return(var('chain_samples') | map(attribute='variables') | map('length') | max) -}}
{%- endmacro %}

{#- Rows of `relation` once for everybody and, of samples that have segments, once for each of these. -#}
{% macro chain_segments(relation) -%}
    {%- for segment in ['all'] + var('policy').chain.segments %}
    select
        *,
        '{{ segment }}' as segment_type,
        {{ "'all'" if segment == 'all' else "coalesce(" ~ saydo.text(segment) ~ ", 'unknown')" }} as segment_code

    from {{ relation }}
    {%- if segment != 'all' %}

    where has_segments
    {%- endif %}
    {{- '\n\n    union all' if not loop.last }}
    {%- endfor %}
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
    cast(sum(cast({{ expression }} as decimal(38, 6))) {{ window }} as double) / count(*) {{ window }}
{%- endmacro %}
