-- One row per month that a transaction delivered again since the last build was in before.
{{ config(materialized='view') }}
with

batches as (

    select * from {{ ref('int_batches_compared') }}

    where source = 'transactions'

),

versions as (

    select versions.*

    from {{ ref('stg_transactions__transaction_versions') }} as versions

    inner join {{ ref('stg_transactions__transaction_repeats') }} as repeats
        on versions.transaction_id = repeats.transaction_id

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

    from versions as earlier

    inner join versions as newer
        on
            earlier.transaction_id = newer.transaction_id
            and earlier._batch_id <> newer._batch_id

    inner join batches
        on newer._batch_id = batches.batch_id

    inner join months
        on earlier._month = months.month_name

    where
        batches.is_new
        and batches.built_as_of_date > {{ beginning_of_days() }}

    group by batches.source, months.month_start_date

)

select * from final
