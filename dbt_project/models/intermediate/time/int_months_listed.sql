-- One row per calendar month from January 1900 up to the as-of month.
{{ config(materialized='view') }}
{%- set as_of = var('as_of_date') %}
with

numbered as (

    {{ dbt.generate_series(12 * (as_of[:4] | int - 1900) + (as_of[5:7] | int)) }}

),

dated as (

    select
        cast(
            {{ dbt.dateadd('month', '1 - cast(generated_number as integer)', month_start(as_of_date())) }}
            as date
        ) as month_start_date

    from numbered

),

counted as (

    select
        month_start_date,
        -- Local wall-clock time at which the month, or the part of it that has been lived, is over.
        least(
            cast({{ dbt.dateadd('month', 1, 'month_start_date') }} as timestamp),
            cast({{ dbt.dateadd('day', 1, as_of_date()) }} as timestamp)
        ) as counted_until_at

    from dated

),

final as (

    select
        month_start_date,
        counted_until_at,
        {{ start_of_day('counted_until_at') }} as ended_at

    from counted

)

select * from final
