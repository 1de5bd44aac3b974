-- One row per customer and month in which its recurring revenue moved: what moved it most.
with

moved as (

    select
        customer_id,
        month_start_date,
        closing_mrr - opening_mrr as amount

    from {{ ref('int_customer_months_measured') }}

    where closing_mrr <> opening_mrr

),

compared as (

    select * from {{ ref('int_subscriptions_compared_to_customer_months') }}

),

-- A plan that ends in the month in which another begins is one that changed.
replaced as (

    select
        customer_id,
        month_start_date,
        max(case when was_open then product_code end) <> max(case when is_open then product_code end)
            as has_other_product

    from compared

    where product_type = 'plan' and was_open <> is_open

    group by
        customer_id,
        month_start_date

    having
        max(case when was_open then 1 else 0 end) = 1
        and max(case when is_open then 1 else 0 end) = 1

),

explained as (

    select
        compared.customer_id,
        compared.month_start_date,
        {{ movement_cause() }} as cause_code,
        sum(compared.amount) as amount

    from compared

    left join replaced
        on
            compared.customer_id = replaced.customer_id
            and compared.month_start_date = replaced.month_start_date

    group by
        compared.customer_id,
        compared.month_start_date,
        {{ movement_cause() }}

),

ranked as (

    select
        explained.*,
        row_number() over (
            -- one row per customer_id, month_start_date, cause_code
            partition by explained.customer_id, explained.month_start_date
            order by abs(explained.amount) desc, explained.cause_code
        ) as position_number

    from explained

    inner join moved
        on
            explained.customer_id = moved.customer_id
            and explained.month_start_date = moved.month_start_date
            and (explained.amount > 0) = (moved.amount > 0)
            and explained.amount <> 0

),

final as (

    select
        ranked.customer_id,
        ranked.month_start_date,
        ranked.cause_code,
        coalesce(causes.is_voluntary, false) as is_voluntary

    from ranked

    left join {{ ref('movement_causes') }} as causes
        on ranked.cause_code = causes.cause_code

    where ranked.position_number = 1

)

select * from final
