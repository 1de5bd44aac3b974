-- One row per customer who ever paid: the first month at whose end its recurring price was above nothing.
with

months as (

    select * from {{ ref('int_months_listed') }}

),

rates as (

    select * from {{ ref('int_fx_rates_sampled_to_months') }}

),

subscriptions as (

    select
        *,
        coalesce(ended_local_at, {{ end_of_time() }}) as open_until_at

    from {{ ref('int_subscriptions_resolved') }}

),

-- One begins to pay when a price begins, or when a discount, which is a price below nothing, ends.
begun as (

    select
        customer_id,
        {{ month_start('started_date') }} as month_start_date

    from subscriptions

    where recurring_amount > 0

    union

    select
        customer_id,
        {{ month_start('ended_local_at') }} as month_start_date

    from subscriptions

    where recurring_amount < 0 and ended_local_at is not null

    union

    -- In another currency the rate alone may lift a price above nothing.
    select
        subscriptions.customer_id,
        rates.month_start_date

    from subscriptions

    inner join rates
        on
            subscriptions.currency = rates.currency_code
            and subscriptions.started_date < rates.month_start_date
            and subscriptions.open_until_at > rates.month_start_date

),

priced as (

    select
        begun.customer_id,
        begun.month_start_date,
        sum({{ monthly_price('subscriptions', rate_of('subscriptions.currency', 'rates.rate')) }}) as closing_mrr

    from begun

    inner join months
        on begun.month_start_date = months.month_start_date

    inner join subscriptions
        on
            begun.customer_id = subscriptions.customer_id
            and subscriptions.started_local_at < months.counted_until_at
            and subscriptions.open_until_at >= months.counted_until_at

    left join rates
        on
            subscriptions.currency = rates.currency_code
            and begun.month_start_date = rates.month_start_date

    group by
        begun.customer_id,
        begun.month_start_date

),

final as (

    select
        customer_id,
        min(month_start_date) as first_paid_month_start_date

    from priced

    where closing_mrr > 0

    group by customer_id

)

select * from final
