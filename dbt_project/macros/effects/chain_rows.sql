{#- Rows of a sample of the chain: the months in which its variables are known, and how far these are from the
    customer's means. -#}

{#- Rows of `sample`, of `relation`, scaled by the root of their weight as in weighted least squares: value_<i> of
    its i-th variable and distance_<i> from the customer's mean, null past its own variables. -#}
{% macro chain_rows(sample, relation) -%}
    {%- set weight = saydo.exact_product('root_weight', 'root_weight') -%}
    select
        '{{ sample.code }}' as sample_code,
        '{{ sample.variables | join(",") }}' as variable_codes,
        customer_id,
        customer_group,
        month_start_date,
        {%- for segment in var('policy').chain.segments %}
        {{ saydo.first_of_customer(segment) if sample.has_segments else 'cast(null as ' ~ dbt.type_string() ~ ')' }}
        as {{ segment }},
        {%- endfor %}
        {%- for position in range(1, saydo.chain_positions() + 1) %}
        {%- set is_own = position <= sample.variables | length %}
        {{ 'value_' ~ position if is_own else 'cast(null as decimal(18, 6))' }} as value_{{ position }},
        {{ saydo.distance_from_mean('value_' ~ position) if is_own and sample.is_within else 'cast(null as decimal(18, 6))' }}
        as distance_{{ position }},
        {%- endfor %}
        root_weight,
        {{ weight }} as weight,
        sum({{ weight }}) over (partition by customer_id) as customer_weight,
        row_number() over (
            -- one row per customer_id, month_start_date
            partition by customer_id
            order by month_start_date
        ) as row_in_customer,
        {{ sample.has_segments }} as has_segments,
        {{ sample.is_within }} as is_within

    from (
        {{ saydo.scaled_rows(sample, relation) }}
    ) as scaled
{%- endmacro %}

{#- Months of `relation` that belong to a sample: whole ones in which all of its variables are known. -#}
{% macro scaled_rows(sample, relation) -%}
    select
        customer_id,
        customer_group,
        month_start_date,
        {%- for segment in var('policy').chain.segments %}
        {{ segment }},
        {%- endfor %}
        {%- for variable in sample.variables %}
        {{ saydo.number('root_weight * (' ~ saydo.chain_variable(variable) ~ ')') }} as value_{{ loop.index }},
        {%- endfor %}
        root_weight

    from (
        select
            *,
            -- The odds of answering, e^(tilt x score), are undone; counted from 5, to keep digits.
            cast(
                round(exp({{ -sample.tilt / 2 }} * (coalesce(cast(satisfaction_score as double), 5) - 5)), 6)
                as decimal(18, 6)
            ) as root_weight

        from {{ relation }}
    ) as weighted

    where
        not is_partial
        {%- for variable in sample.variables %}
        and {{ saydo.chain_variable(variable) }} is not null
        {%- endfor %}
{%- endmacro %}

{#- The value less the weighted mean of its customer, times the root of the row's weight. -#}
{% macro distance_from_mean(value) -%}
    {%- set mean -%}
    cast(sum({{ saydo.exact_product('root_weight', value) }}) over (partition by customer_id) as double)
    / cast(sum({{ saydo.exact_product('root_weight', 'root_weight') }}) over (partition by customer_id) as double)
    {%- endset -%}
    {{ saydo.number('cast(' ~ value ~ ' as double) - cast(root_weight as double) * (' ~ mean ~ ')') }}
{%- endmacro %}

{#- What it was in the customer's first row, so that a customer is in one segment and nothing later decides in which. -#}
{% macro first_of_customer(column) -%}
    first_value({{ column }}) over (
        -- one row per customer_id, month_start_date
        partition by customer_id
        order by month_start_date
    )
{%- endmacro %}
