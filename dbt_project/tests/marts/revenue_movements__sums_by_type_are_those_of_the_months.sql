-- What moved, customer by customer, is what the bridge of everybody says, type by type. Resolve: the two read
-- other rows of customer_months, or tell types apart by other rules.
with

movements as (

    select
        month_start_date,
        {%- for name, expression in bridge_sums() if name not in ('opening_mrr', 'closing_mrr') %}
        sum({{ expression | replace('_amount', '_mrr') }}) as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}

    from {{ ref('revenue_movements') }}

    group by month_start_date

),

bridge as (

    select * from {{ ref('recurring_revenue_monthly') }}

    where
        segment_type = 'all'
        and currency_type = 'reporting'

)

select bridge.month_start_date

from bridge

left join movements
    on bridge.month_start_date = movements.month_start_date

where
    {%- for name, _ in bridge_sums() if name not in ('opening_mrr', 'closing_mrr') %}
    {{ 'or ' if not loop.first }}bridge.{{ name }} <> coalesce(movements.{{ name }}, 0)
    {%- endfor %}
