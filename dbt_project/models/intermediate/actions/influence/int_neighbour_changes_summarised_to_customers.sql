-- One row per customer with a neighbour: how the neighbours' spend moved after its own did, and before.
with

neighbours as (

    select * from {{ ref('int_neighbours_found') }}

),

-- Who takes up or comes back changes nothing that was there before.
months as (

    select
        customer_id,
        month_start_date,
        closing_mrr - opening_mrr as change

    from {{ ref('int_customer_months_measured') }}

    where opening_mrr > 0 and not {{ month_is_unfinished('month_start_date') }}

),

-- Each neighbour once, however many ways it is near.
changes as (

    select distinct
        neighbours.customer_id,
        neighbours.neighbour_customer_id,
        months.month_start_date,
        sign(months.change) as direction

    from neighbours

    inner join months
        on
            neighbours.customer_id = months.customer_id
            and months.change <> 0
            and neighbours.near_from_date <= months.month_start_date
            and neighbours.near_to_date > months.month_start_date

),

counted as (

    select
        changes.customer_id,
        count(*) as change_count,
        sum(changes.direction * after_months.change) as total_after,
        sum(changes.direction * before_months.change) as total_before

    from changes

    inner join months as after_months
        on
            changes.neighbour_customer_id = after_months.customer_id
            and cast({{ dbt.dateadd('month', 1, 'changes.month_start_date') }} as date) = after_months.month_start_date

    inner join months as before_months
        on
            changes.neighbour_customer_id = before_months.customer_id
            and cast({{ dbt.dateadd('month', -1, 'changes.month_start_date') }} as date)
            = before_months.month_start_date

    group by changes.customer_id

),

reached as (

    select
        customer_id,
        count(distinct case when near_to_date > {{ as_of_date() }} then neighbour_customer_id end) as reach_count

    from neighbours

    group by customer_id

),

final as (

    select
        reached.customer_id,
        reached.reach_count,
        {{ whole('coalesce(counted.change_count, 0)') }} as change_count,
        {{ price('coalesce(counted.total_after, 0)') }} as total_after,
        {{ price('coalesce(counted.total_before, 0)') }} as total_before

    from reached

    left join counted
        on reached.customer_id = counted.customer_id

)

select * from final
