-- One row per customer and KPI that was measured in the last month that is over.
with

months as (

    select * from {{ ref('int_customer_months_measured') }}

),

latest as (

    select *

    from months

    where month_start_date = (
        select max(month_start_date)

        from months

        where not {{ month_is_unfinished('month_start_date') }}
    )

),

final as (

    {{ kpi_rows('latest') }}

)

select * from final
