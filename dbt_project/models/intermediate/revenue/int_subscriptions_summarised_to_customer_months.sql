-- One row per customer and month of this build in which a subscription was open.
with

months as (

    select * from {{ ref('int_customer_months_listed') }}

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

final as (

    select
        customer_id,
        month_start_date,
        {{ price('sum(case when was_open_before then opening_amount else 0 end)') }} as opening_mrr,
        {{ price('sum(case when is_open_at_end then closing_amount else 0 end)') }} as closing_mrr,
        {{ whole('sum(case when is_open_at_end then 1 else 0 end)') }} as active_subscription_count,
        {{ whole('sum(case when is_new_service then 1 else 0 end)') }} as new_service_count

    from placed

    group by
        customer_id,
        month_start_date

)

select * from final
