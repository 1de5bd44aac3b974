-- One row per customer with a neighbour who answered beside it: how their satisfaction moved after its own, and before.
with

neighbours as (

    select * from {{ ref('int_neighbours_found') }}

),

answered as (

    select
        customer_id,
        month_start_date,
        satisfaction_score - lag(satisfaction_score) over (
            -- one row per customer_id, month_start_date
            partition by customer_id
            order by month_start_date
        ) as change

    from {{ ref('int_customer_months_measured') }}

    where satisfaction_score is not null

),

-- A first answer changes nothing that was known.
months as (

    select * from answered

    where change is not null and not {{ month_is_unfinished('month_start_date') }}

),

changes as (

    select distinct
        neighbours.customer_id,
        neighbours.neighbour_customer_id,
        cast({{ dbt.dateadd('month', 1, 'months.month_start_date') }} as date) as after_date,
        cast({{ dbt.dateadd('month', -1, 'months.month_start_date') }} as date) as before_date,
        sign(months.change) as direction

    from neighbours

    inner join months
        on
            neighbours.customer_id = months.customer_id
            and months.change <> 0
            and neighbours.near_from_date <= months.month_start_date
            and neighbours.near_to_date > months.month_start_date

),

final as (

    select
        changes.customer_id,
        {{ whole('sum(case when months.month_start_date = changes.after_date then 1 else 0 end)') }} as after_count,
        {{ whole('sum(case when months.month_start_date = changes.before_date then 1 else 0 end)') }} as before_count,
        {{ number(
            'sum(case when months.month_start_date = changes.after_date'
            ~ ' then changes.direction * months.change else 0 end)'
        ) }} as total_after,
        {{ number(
            'sum(case when months.month_start_date = changes.before_date'
            ~ ' then changes.direction * months.change else 0 end)'
        ) }} as total_before

    from changes

    inner join months
        on
            changes.neighbour_customer_id = months.customer_id
            and months.month_start_date in (changes.after_date, changes.before_date)

    group by changes.customer_id

)

select * from final
