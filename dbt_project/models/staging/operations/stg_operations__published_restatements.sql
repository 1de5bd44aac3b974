-- One row per figure that changed between releases, up to the last release.
with

restatements as (

    select * from {{ source('state', 'restatement_log') }}

),

final as (

    select
        table_name,
        key,
        column_name,
        old,
        new,
        changed_in_release,
        cause_codes,
        cause_batch_ids,
        cause_batch_count,
        month_start_date

    from restatements

)

select * from final
