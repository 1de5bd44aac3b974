-- One row per figure that the last release published.
with

figures as (

    select * from {{ source('state', 'published_figures') }}

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
