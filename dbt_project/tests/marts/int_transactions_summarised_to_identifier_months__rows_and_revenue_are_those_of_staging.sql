-- A failure means that a month which this build read has another number of rows or another revenue than staging:
-- transactions were lost or counted twice. Resolve: a join in the model fans out or drops rows; a full refresh tells
-- whether only the increment does.
{%- set months = touched_months('transactions') %}
with

staged as (

    select
        month_start_date,
        count(*) as row_count,
        coalesce(sum(revenue), 0) as revenue

    from {{ ref('int_transactions_converted') }}

    where {{ is_in_raw_months(months, at='occurred_at') }}

    group by month_start_date

),

summed as (

    select
        month_start_date,
        sum(transaction_count) as row_count,
        coalesce(sum(revenue), 0) as revenue

    from {{ ref('int_transactions_summarised_to_identifier_months') }}

    group by month_start_date

)

select
    staged.month_start_date,
    staged.row_count as staged_count,
    summed.row_count as summed_count

from staged

left join summed
    on staged.month_start_date = summed.month_start_date

where
    {{ is_in_months(months) | replace('month_start_date', 'staged.month_start_date') }}
    and (
        summed.row_count is null
        or staged.row_count <> summed.row_count
        or staged.revenue <> summed.revenue
    )
