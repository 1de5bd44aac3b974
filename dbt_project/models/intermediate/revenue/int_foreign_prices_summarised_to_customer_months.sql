-- One row per customer, month and foreign currency in which a subscription of that currency was open.
with

subscriptions as (

    select
        *,
        coalesce(ended_local_at, {{ end_of_time() }}) as open_until_at

    from {{ ref('int_subscriptions_resolved') }}

    where
        currency <> '{{ var("reporting_currency") }}'
        and customer_id <> '{{ unknown_customer_id() }}'

),

rates as (

    select * from {{ ref('int_fx_rates_sampled_to_months') }}

),

customers as (

    select
        customer_id,
        {{ month_start('min(started_date)') }} as first_month_start_date,
        max(open_until_at) as open_until_at

    from subscriptions

    group by customer_id

),

months as (

    select
        customers.customer_id,
        listed.month_start_date,
        listed.counted_until_at

    from customers

    inner join {{ ref('int_months_listed') }} as listed
        on
            customers.first_month_start_date <= listed.month_start_date
            and customers.open_until_at >= cast(listed.month_start_date as timestamp)

),

placed as (

    {{ placed_spans() }}

),

final as (

    select
        customer_id,
        month_start_date,
        currency as currency_code,
        {{ price('sum(case when was_open_before then own_amount else 0 end)') }} as opening_amount,
        {{ price('sum(case when is_open_at_end then own_amount else 0 end)') }} as closing_amount,
        {{ price('sum(case when was_open_before then placed.opening_amount else 0 end)') }} as opening_mrr,
        {{ price('sum(case when is_open_at_end then placed.closing_amount else 0 end)') }} as closing_mrr

    from placed

    group by
        customer_id,
        month_start_date,
        currency

)

select * from final
