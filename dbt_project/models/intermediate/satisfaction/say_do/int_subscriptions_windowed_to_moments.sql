-- One row per customer with a subscription and moment: the recurring price then and 90 days later.
with

moments as (

    select
        *,
        cast({{ days_after('followed_until_date', 1) }} as timestamp) as followed_until_local_at

    from {{ ref('int_moments_listed') }}

),

subscriptions as (

    select * from {{ ref('int_subscriptions_resolved') }}

),

rates as (

    select * from {{ ref('int_fx_rates_sampled_to_months') }}

),

-- Both prices at one rate, that of the moment: what the exchange moved the customer did not.
priced as (

    select
        moments.customer_id,
        moments.happened_at,
        {{ monthly_price('subscriptions', rate_of('subscriptions.currency', 'rates.rate')) }} as monthly_amount,
        subscriptions.started_at < moments.happened_at
        and coalesce(subscriptions.ended_at >= moments.happened_at, true) as was_open,
        subscriptions.started_local_at < moments.followed_until_local_at
        and coalesce(subscriptions.ended_local_at >= moments.followed_until_local_at, true) as is_open,
        subscriptions.is_new_service
        and subscriptions.started_at > moments.happened_at
        and subscriptions.started_date <= moments.followed_until_date as is_new_service

    from subscriptions

    inner join moments
        on subscriptions.customer_id = moments.customer_id

    left join rates
        on
            subscriptions.currency = rates.currency_code
            and moments.month_start_date = rates.month_start_date

),

final as (

    select
        customer_id,
        happened_at,
        {{ money('sum(case when was_open then monthly_amount else 0 end)') }} as mrr_before,
        {{ money('sum(case when is_open then monthly_amount else 0 end)') }} as mrr_after,
        {{ whole('sum(case when is_new_service then 1 else 0 end)') }} as new_service_count

    from priced

    group by
        customer_id,
        happened_at

)

select * from final
