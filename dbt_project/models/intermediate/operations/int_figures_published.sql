-- One row per figure that the last release published.
with

figures as (

    select * from {{ ref('stg_operations__published_figures') }}

),

final as (

    select
        table_name,
        column_name,
        segment_type,
        key,
        month_start_date,
        value

    from figures

)

select * from final
