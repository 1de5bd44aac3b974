-- One row per day from January 1900 up to the as-of day.
{{ config(materialized='view') }}
{%- set first_day = modules.datetime.date(1900, 1, 1) -%}
{%- set last_day = modules.datetime.date.fromisoformat(var('as_of_date')) %}
with

numbered as (

    {{ dbt.generate_series((last_day - first_day).days + 1) }}

),

final as (

    select
        cast(
            {{ dbt.dateadd('day', '1 - cast(generated_number as integer)', as_of_date()) }} as date
        ) as calendar_date

    from numbered

)

select * from final
