-- One row per customer with a neighbour: how neighbours' spend moved after its own did, and before.
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

counted as (

    select
        neighbours.customer_id,
        count(*) as change_count,
        sum(sign(months.change) * after_months.change) as total_after,
        sum(sign(months.change) * before_months.change) as total_before

    from neighbours

    inner join months
        on
            neighbours.customer_id = months.customer_id
            and months.change <> 0
            and neighbours.shared_from_date <= months.month_start_date
            and neighbours.shared_to_date > months.month_start_date

    inner join months as after_months
        on
            neighbours.neighbour_customer_id = after_months.customer_id
            and cast({{ dbt.dateadd('month', 1, 'months.month_start_date') }} as date) = after_months.month_start_date

    inner join months as before_months
        on
            neighbours.neighbour_customer_id = before_months.customer_id
            and cast({{ dbt.dateadd('month', -1, 'months.month_start_date') }} as date) = before_months.month_start_date

    group by neighbours.customer_id

),

reached as (

    select
        customer_id,
        {{ whole('sum(case when shared_to_date > ' ~ as_of_date() ~ ' then 1 else 0 end)') }} as reach_count

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
