-- One row per day, headline metric and segment, built from the definitions in models/metrics.yml.
{#- A further table with metrics is a line here, and a CTE `select * from ref`. -#}
{%- set tables = ['customer_months', 'customer_profiles', 'satisfaction_monthly', 'stated_vs_actual_monthly'] %}
with

customer_months as (

    select * from {{ ref('customer_months') }}

),

customer_profiles as (

    select * from {{ ref('customer_profiles') }}

),

satisfaction_monthly as (

    select * from {{ ref('satisfaction_monthly') }}

),

stated_vs_actual_monthly as (

    select * from {{ ref('stated_vs_actual_monthly') }}

),

{% for table in tables -%}
{{ table }}_summed as (

    {{ metric_sums(table) }}

),

{% endfor -%}

metrics as (

    {% for table in tables -%}
    {{ 'union all' if not loop.first }}

    {{ metric_rows(table, table ~ '_summed') }}

    {% endfor %}
),

final as (

    select
        day_date,
        metric_code,
        segment_type,
        segment_code,
        value,
        standard_error,
        denominator,
        unit,
        day_date = cast({{ dbt.last_day('day_date', 'month') }} as date) as is_month_over

    from metrics

    where value is not null

)

select * from final
