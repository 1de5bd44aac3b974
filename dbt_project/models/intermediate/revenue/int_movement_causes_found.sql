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

months as (

    select
        moved.*,
        listed.counted_until_at

    from moved

    inner join {{ ref('int_months_listed') }} as listed
        on moved.month_start_date = listed.month_start_date

),

subscriptions as (

    select
        *,
        coalesce(ended_local_at, {{ end_of_time() }}) as open_until_at

    from {{ ref('int_subscriptions_resolved') }}

),

rates as (

    select * from {{ ref('int_fx_rates_sampled_to_months') }}

),

placed as (

    {{ placed_spans() }}

),

-- A price change is two spans of one subscription: compared here, they are one.
compared as (

    select
        customer_id,
        month_start_date,
        subscription_id,
        max(product_type) as product_type,
        max(product_code) as product_code,
        max(case when was_open_before and not is_open_at_end then end_reason_code end) as end_reason_code,
        max(case when was_open_before then 1 else 0 end) = 1 as was_open,
        max(case when is_open_at_end then 1 else 0 end) = 1 as is_open,
        max(case when was_open_before then product_code end)
        <> max(case when is_open_at_end then product_code end) as has_other_product,
        sum(case when was_open_before then own_amount else 0 end) as own_opening_amount,
        sum(case when is_open_at_end then own_amount else 0 end) as own_closing_amount,
        sum(case when is_open_at_end then placed.closing_amount else 0 end)
        - sum(case when was_open_before then placed.opening_amount else 0 end) as amount,
        max(case when begins_service then 1 else 0 end) = 1 as begins_service

    from placed

    group by
        customer_id,
        month_start_date,
        subscription_id

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
