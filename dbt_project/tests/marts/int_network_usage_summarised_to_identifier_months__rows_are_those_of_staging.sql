-- A failure means that a month which this build read has another number of rows than the days that it sums: rows of usage were lost
-- or counted twice. Resolve: a join in the model fans out or drops rows; a full refresh tells whether only the
-- increment does.
{%- set months = touched_months('network_usage_daily') %}
with

staged as (

    select
        {{ month_start('usage_date') }} as month_start_date,
        count(*) as row_count

    from {{ ref('int_network_usage_united_to_identifier_days') }}

    where {{ is_in_raw_months(months) }}

    group by {{ month_start('usage_date') }}

),

summed as (

    select
        month_start_date,
        sum(usage_count) as row_count

    from {{ ref('int_network_usage_summarised_to_identifier_months') }}

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
    )
