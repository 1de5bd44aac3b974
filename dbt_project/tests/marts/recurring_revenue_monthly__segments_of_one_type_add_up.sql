-- The segments of one type hold everybody once: their sums are those of 'all', and all that is paid is what
-- customer_months closes with. Resolve: a segment whose value is not constant within a month, or a join that
-- fans out or drops rows between customer_months and the bridge.
{%- set figures = (bridge_sums() + bridge_counts()) | map('first') | list %}
with

summed as (

    select
        {%- for figure in figures %}
        sum({{ figure }}) as {{ figure }},
        {%- endfor %}
        month_start_date,
        currency_type,
        currency_code,
        segment_type

    from {{ ref('recurring_revenue_monthly') }}

    group by
        month_start_date,
        currency_type,
        currency_code,
        segment_type

),

everybody as (

    select * from summed

    where segment_type = 'all'

),

months as (

    select
        month_start_date,
        sum(opening_mrr) as opening_mrr,
        sum(closing_mrr) as closing_mrr

    from {{ ref('customer_months') }}

    group by month_start_date

    having sum(abs(opening_mrr)) > 0 or sum(abs(closing_mrr)) > 0

)

select
    summed.month_start_date,
    summed.segment_type,
    summed.currency_type,
    summed.closing_mrr - everybody.closing_mrr as closing_difference

from summed

inner join everybody
    on
        summed.month_start_date = everybody.month_start_date
        and summed.currency_type = everybody.currency_type
        and summed.currency_code = everybody.currency_code

where
    false
    {%- for figure in figures %}
    or summed.{{ figure }} <> everybody.{{ figure }}
    {%- endfor %}

union all

select
    months.month_start_date,
    'all' as segment_type,
    'reporting' as currency_type,
    coalesce(everybody.closing_mrr, 0) - months.closing_mrr as closing_difference

from months

left join everybody
    on
        months.month_start_date = everybody.month_start_date
        and everybody.currency_type = 'reporting'

where
    everybody.month_start_date is null
    or everybody.closing_mrr <> months.closing_mrr
    or everybody.opening_mrr <> months.opening_mrr
