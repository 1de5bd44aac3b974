-- One row per batch whose rows count now: whether it has come since the last build, and as of which day that was (batch_id).
{{ config(materialized='view') }}
with

batches as (

    select * from {{ ref('stg_operations__batches') }}

    where is_current

),
{%- if has_built() %}

built as (

    select * from {{ memory_of('int_batches') }}

),

final as (

    select
        batches.batch_id,
        batches.source,
        batches.months,
        built.batch_id is null as is_new,
        (select min(remembered.as_of_date) from built as remembered) as built_as_of_date

    from batches

    left join built
        on batches.batch_id = built.batch_id

)
{%- else %}

final as (

    select
        batches.batch_id,
        batches.source,
        batches.months,
        true as is_new,
        {{ beginning_of_days() }} as built_as_of_date

    from batches

)
{%- endif %}

select * from final
