-- One row per month, and one for the as-of day, that a change of the inputs since the last release may have moved.
with

named as (

    select * from {{ ref('int_changes_matched_to_months') }}

),

kinds as (

    select
        month_start_date,
        change_type

    from named

    group by month_start_date, change_type

),

codes as (

    select
        month_start_date,
        {{ dbt.listagg('change_type', "', '", 'order by change_type') }} as cause_codes

    from kinds

    group by month_start_date

),

ids as (

    select
        month_start_date,
        {{ dbt.listagg('batch_id', "', '", 'order by batch_id', 50) }} as cause_batch_ids,
        count(*) as cause_batch_count

    from named

    where batch_id is not null

    group by month_start_date

),

final as (

    select
        codes.month_start_date,
        codes.cause_codes,
        ids.cause_batch_ids,
        coalesce(ids.cause_batch_count, 0) as cause_batch_count

    from codes

    left join ids
        on codes.month_start_date = ids.month_start_date

)

select * from final
