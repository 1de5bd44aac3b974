{#- Rows of a sample of the chain: the months in which its variables are known, and how far these are from the
    customer's means. Values are counted in units of int_chain_units_measured, as whole numbers of nine digits:
    their products have eighteen, and the sums of these are exact and fast. -#}

{#- CTEs <sample>_scaled, <sample>_customers and <sample>_rows of `relation`, each with a comma after it. Rows are
    scaled by the root of their weight, as in weighted least squares: value_<i> of the sample's i-th variable and
    distance_<i> from the customer's mean, null past its own variables. -#}
{% macro chain_rows(sample, relation) -%}
    {{ sample.code }}_scaled as (

        {{ saydo.scaled_rows(sample, relation) }}

    ),

    {{ sample.code }}_customers as (

        select
            customer_id,
            {%- for position in range(1, sample.variables | length + 1) %}
            {{ saydo.nearest_double('sum(root_weight * value_' ~ position ~ ')') }} as total_{{ position }},
            {%- endfor %}
            {{ saydo.nearest_double('sum(root_weight * root_weight)') }} as customer_weight,
            min(month_start_date) as first_month_start_date,
            count(*) as row_count

        from {{ sample.code }}_scaled

        group by customer_id

    ),

    {{ sample.code }}_rows as (

        {{ saydo.centred_rows(sample) }}

    ),
{%- endmacro %}

{#- Months of `relation` that belong to a sample: whole ones in which all of its variables are known. -#}
{% macro scaled_rows(sample, relation) -%}
    select
        months.customer_id,
        months.customer_group,
        months.month_start_date,
        {%- for segment in var('policy').chain.segments %}
        months.{{ segment }},
        {%- endfor %}
        {%- for variable in sample.variables %}
        {{ saydo.nine_digits(
            saydo.quotient(
                'cast(months.root_weight as double) * cast(' ~ saydo.chain_variable(variable) ~ ' as double)',
                'units.unit_' ~ loop.index
            )
        ) }} as value_{{ loop.index }},
        {%- endfor %}
        months.root_weight

    from (
        {%- if sample.tilt %}
        {{ saydo.tilted_rows(sample, relation) }}
        {%- else %}
        select
            *,
            cast(1 as decimal(9, 8)) as root_weight

        from ({{ saydo.known_rows(sample, relation) }}) as known
        {%- endif %}
    ) as months

    inner join units
        on units.sample_code = '{{ sample.code }}'
{%- endmacro %}

{% macro centred_rows(sample) -%}
    {%- set rows = sample.code ~ '_scaled' -%}
    {%- set customers = sample.code ~ '_customers' -%}
    select
        '{{ sample.code }}' as sample_code,
        '{{ sample.variables | join(",") }}' as variable_codes,
        {{ rows }}.customer_id,
        {{ rows }}.customer_group,
        {{ rows }}.month_start_date,
        {%- for segment in var('policy').chain.segments %}
        {%- if sample.has_segments %}
        max(
            case
                when {{ rows }}.month_start_date = {{ customers }}.first_month_start_date then {{ rows }}.{{ segment }}
            end
        ) over (partition by {{ rows }}.customer_id) as {{ segment }},
        {%- else %}
        cast(null as {{ dbt.type_string() }}) as {{ segment }},
        {%- endif %}
        {%- endfor %}
        {%- for position in range(1, saydo.chain_positions() + 1) %}
        {%- if position > sample.variables | length %}
        cast(null as decimal(9, 0)) as value_{{ position }},
        {%- else %}
        {{ rows }}.value_{{ position }},
        {%- endif %}
        {%- if position > sample.variables | length or not sample.is_within %}
        cast(null as decimal(9, 0)) as distance_{{ position }},
        {%- else %}
        {{ saydo.nine_digits(
            'cast(' ~ rows ~ '.value_' ~ position ~ ' as double) - ' ~ saydo.quotient(
                'cast(' ~ rows ~ '.root_weight as double) * ' ~ customers ~ '.total_' ~ position,
                customers ~ '.customer_weight'
            )
        ) }} as distance_{{ position }},
        {%- endif %}
        {%- endfor %}
        {{ rows }}.root_weight,
        {{ customers }}.customer_weight,
        {{ rows }}.month_start_date = {{ customers }}.first_month_start_date as is_first_row,
        {{ customers }}.row_count > 1 as is_repeated,
        {{ sample.has_segments }} as has_segments,
        {{ sample.is_within }} as is_within

    from {{ rows }}

    inner join {{ customers }}
        on {{ rows }}.customer_id = {{ customers }}.customer_id
{%- endmacro %}

{% macro nine_digits(expression) -%}
    {{ saydo.rounded(expression, 0, 9) }}
{%- endmacro %}
