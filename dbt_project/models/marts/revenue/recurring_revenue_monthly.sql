-- One row per month, segment and currency with recurring revenue at the month's begin or end.
{%- set figures = (bridge_sums() + bridge_counts()) | map('first') | list %}
with

cells as (

    select * from {{ ref('int_recurring_revenue_summarised_to_cells') }}

),

unfolded as (

    {{ by_segment(
        'cells',
        var('policy').segments.revenue,
        ['month_start_date', 'currency_type', 'currency_code'] + figures
    ) }}

),

summed as (

    select
        month_start_date,
        segment_type,
        segment_code,
        currency_type,
        currency_code,
        {%- for figure in figures %}
        sum({{ figure }}) as {{ figure }}{{ ',' if not loop.last }}
        {%- endfor %}

    from unfolded

    group by
        month_start_date,
        segment_type,
        segment_code,
        currency_type,
        currency_code

),

final as (

    select
        month_start_date,
        segment_type,
        segment_code,
        currency_type,
        currency_code,
        {%- for name, _ in bridge_sums() %}
        {{ money(name) }} as {{ name }},
        {%- endfor %}
        {%- for name, _ in bridge_counts() %}
        {{ whole(name) }} as {{ name }},
        {%- endfor %}
        {{ rounded(
            quotient('opening_mrr + expansion_mrr - contraction_mrr - churned_mrr', 'opening_mrr'),
            6,
            limit=largest_number()
        ) }}
            as net_revenue_retention_ratio,
        {{ rounded(quotient('opening_mrr - contraction_mrr - churned_mrr', 'opening_mrr'), 6, limit=largest_number()) }}
            as gross_revenue_retention_ratio,
        {{ rounded(quotient('churned_customer_count', 'opening_customer_count'), 6, limit=largest_number()) }}
            as customer_churn_ratio

    from summed

)

select * from final
