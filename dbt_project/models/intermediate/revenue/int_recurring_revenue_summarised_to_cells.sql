-- One row per month, currency and combination of segments with recurring revenue at the month's begin or end.
{%- set segments = var('policy').segments.revenue %}
with

months as (

    select * from {{ ref('int_customer_months_measured') }}

),

split as (

    select * from {{ ref('int_recurring_revenue_split_to_currencies') }}

),

foreign_customers as (

    select customer_id

    from split

    group by customer_id

),

-- All that a customer pays, in the reporting currency; and of those who are billed in others, each by itself.
amounts as (

    select
        months.*,
        case when foreign_customers.customer_id is null then 'only' else 'all' end as part,
        '{{ var("reporting_currency") }}' as currency_code,
        months.opening_mrr as opening_amount,
        months.closing_mrr as closing_amount,
        months.acquisition_month_start_date as first_paid_month_start_date

    from months

    left join foreign_customers
        on months.customer_id = foreign_customers.customer_id

    where months.opening_mrr <> 0 or months.closing_mrr <> 0

    union all

    select
        months.*,
        'one' as part,
        split.currency_code,
        split.opening_amount,
        split.closing_amount,
        split.first_paid_month_start_date

    from split

    inner join months
        on
            split.customer_id = months.customer_id
            and split.month_start_date = months.month_start_date

),

moved as (

    select
        *,
        {{ movement_type(
            'opening_amount', 'closing_amount', 'first_paid_month_start_date', 'month_start_date'
        ) }} as movement_type

    from amounts

),

cells as (

    select
        month_start_date,
        part,
        currency_code,
        {%- for segment in segments %}
        {{ segment }},
        {%- endfor %}
        {%- for name, expression in bridge_sums() %}
        {{ price('sum(' ~ expression ~ ')') }} as {{ name }},
        {%- endfor %}
        {%- for name, condition in bridge_counts() %}
        {{ whole('sum(case when ' ~ condition ~ ' then 1 else 0 end)') }} as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}

    from moved

    group by
        month_start_date,
        part,
        currency_code
        {%- for segment in segments %},
        {{ segment }}
        {%- endfor %}

),

final as (

    select
        cells.*,
        currency_types.currency_type

    from cells

    inner join (
        select 'reporting' as currency_type

        union all

        select 'billing' as currency_type
    ) as currency_types
        on
            cells.part = 'only'
            or (cells.part = 'all' and currency_types.currency_type = 'reporting')
            or (cells.part = 'one' and currency_types.currency_type = 'billing')

)

select * from final
