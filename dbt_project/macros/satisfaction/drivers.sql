{#- What satisfaction is predicted from, by the policy (scorecard.features), and the prediction. -#}

{#- Names of the features, in the order of the policy. -#}
{% macro driver_features() -%}
    {{- return(var('policy').scorecard.features.keys() | list) -}}
{%- endmacro %}

{#- Select list of all features, each cut into the bands that the policy names; without edges the value itself.
    Never null. -#}
{% macro driver_bands() -%}
    {%- for feature, declared in var('policy').scorecard.features.items() %}
    {%- if declared.edges %}
    case
        {%- for edge in declared.edges %}
        when {{ feature }} < {{ edge }} then '{{ declared.bands[loop.index0] }}'
        {%- endfor %}
        when {{ feature }} is not null then '{{ declared.bands[-1] }}'
        else 'unknown'
    end as {{ feature }}{{ ',' if not loop.last }}
    {%- else %}
    coalesce({{ saydo.text(feature) }}, 'unknown') as {{ feature }}{{ ',' if not loop.last }}
    {%- endif %}
    {%- endfor %}
{%- endmacro %}

{#- Points as published: what a release says is what a prediction is the sum of, to the last digit. -#}
{% macro driver_points(points) -%}
    {{ saydo.rounded(points, 4, 9) }}
{%- endmacro %}

{#- Rows of `relation` (a CTE with customer_id and month_start_date), each with
    predicted_satisfaction_score: the sum of the points of the customer's bands in that month, kept on
    0-10. Null where there is no scorecard, or no points of a band that nobody was in who answered or is
    a customer today. A customer without the month has no row. To be read by marts alone. -#}
{% macro predicted_satisfaction(relation) -%}
    {%- set features = saydo.driver_features() -%}
    select
        scored.customer_id,
        scored.month_start_date,
        case
            when scored.total_points < 0 then {{ saydo.number(0) }}
            when scored.total_points > 10 then {{ saydo.number(10) }}
            else {{ saydo.number('scored.total_points') }}
        end as predicted_satisfaction_score

    from (
        select
            asked.customer_id,
            asked.month_start_date,
            intercept.points
            {%- for feature in features %}
            + {{ feature }}_points.points
            {%- endfor %} as total_points

        from {{ relation }} as asked

        inner join {{ ref('int_drivers_banded_to_customer_months') }} as bands
            on
                asked.customer_id = bands.customer_id
                and asked.month_start_date = bands.month_start_date

        left join ({{ saydo.points_of('intercept') }}) as intercept
            on intercept.is_intercept
        {%- for feature in features %}

        left join ({{ saydo.points_of(feature) }}) as {{ feature }}_points
            on bands.{{ feature }} = {{ feature }}_points.band
        {%- endfor %}
    ) as scored
{%- endmacro %}

{#- The published points of one feature. -#}
{% macro points_of(feature) -%}
    select
        band,
        is_intercept,
        {{ saydo.driver_points('points') }} as points
    from {{ source('estimates', 'satisfaction_drivers') }}
    where feature = '{{ feature }}'
{%- endmacro %}
