-- One row per customer and window of 30 or 90 days that ends with the as-of day.
with

first_months as (

    select * from {{ ref('int_network_usage_windowed_to_identifiers') }}

),

months as (

    select * from {{ ref('int_network_usage_summarised_to_customer_months') }}

    where month_start_date > cast('{{ window_month(90) }}' as date)

),

unioned as (

    select
        {{ owner_customer_id() }} as customer_id,
        first_months.window_days,
        {{ reaggregate_measures('first_months') }},
        {{ count_days(union_day_sets('first_months.day_set')) }} as day_count

    from first_months

    {{ join_customer('first_months', day='first_months.first_usage_date') }}

    group by
        {{ owner_customer_id() }},
        first_months.window_days
    {%- for days in [30, 90] %}

    union all

    select
        months.customer_id,
        {{ days }} as window_days,
        {%- for measure in var('measures') %}{% for part in measure_parts(measure) %}
        months.{{ part }},
        {%- endfor %}{% endfor %}
        months.day_count

    from months

    where months.month_start_date > cast('{{ window_month(days) }}' as date)
    {%- endfor %}

),

final as (

    select
        unioned.customer_id,
        unioned.window_days,
        {{ reaggregate_measures('unioned') }},
        {{ whole('sum(unioned.day_count)') }} as day_count

    from unioned

    group by
        unioned.customer_id,
        unioned.window_days

)

select * from final
