-- One row per subscription and start (subscription_id, started_at).
with

newest as (

    {{ standing_rows('subscriptions') }}

),

kept as (

    {{ without_erased('newest', at='started_at') }}

),

final as (

    select
        subscription_id,
        id_type,
        id_key,
        product_code,
        product_type,
        recurring_amount,
        currency,
        billing_interval,
        interval_count,
        started_at,
        stood_to_at as ended_at,
        contract_ends_at,
        end_reason_code,
        updated_at,
        _batch_id,
        _feed,
        _silent_batch_id

    from kept

    where {{ happened_by_as_of('started_at') }}

)

select * from final
