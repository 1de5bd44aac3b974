-- One row per month that held an earlier version of a transaction delivered again since the last build (source, month_start_date).
{{ config(materialized='view') }}
with

superseded as (

    select * from {{ ref('stg_transactions__transactions_superseded') }}

),

batches as (

    select * from {{ ref('int_batches_compared') }}

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

    from superseded

    inner join batches
        on superseded._newest_batch_id = batches.batch_id

    inner join months
        on superseded._month = months.month_name

    where
        batches.is_new
        and batches.built_as_of_date > {{ beginning_of_days() }}

    group by batches.source, months.month_start_date

)

select * from final
