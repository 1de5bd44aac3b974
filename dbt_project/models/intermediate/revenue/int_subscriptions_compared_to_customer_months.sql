-- One row per customer, month in which its recurring revenue moved, and subscription: what it adds before and after.
{{ config(materialized='view') }}
with

moved as (

    select
        customer_id,
        month_start_date

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
final as (

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

)

select * from final
