-- Resolve: a discount is larger than what it discounts, or an amount has the wrong sign; the owner of the
-- billing feed corrects it.
{{ config(severity='warn') }}
select
    customer_id,
    min(month_start_date) as first_month_start_date

from {{ ref('revenue_movements') }}

where closing_mrr < 0

group by customer_id
