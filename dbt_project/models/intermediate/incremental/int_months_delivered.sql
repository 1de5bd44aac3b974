-- One row per large source and month of raw that may hold rows the last build did not count (source, month_start_date).
{{ config(materialized='view') }}
with

batches as (

    select * from {{ ref('int_batches_compared') }}

    where source in ('transactions', 'network_usage_daily')

),

months as (

    select
        month_start_date,
        {{ month_name('month_start_date') }} as month_name

    from {{ ref('int_months_listed') }}

),

final as (

    select
        batches.source,
        months.month_start_date

    from batches

    inner join months
        on batches.months like '%' || months.month_name || '%'

    -- Rows delivered ahead of their time count once the as-of day has reached them.
    where
        batches.is_new
        or months.month_start_date >= {{ month_start('batches.built_as_of_date') }}

    group by
        batches.source,
        months.month_start_date

)

select * from final
