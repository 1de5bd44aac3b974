-- One row per subscription and start (subscription_id, started_at).
with

newest as (

    {{ newest_rows(
        'subscriptions',
        ['subscription_id', 'started_at'],
        version='updated_at',
        known='delivered.updated_at is null or ' ~ happened_by_as_of('delivered.updated_at')
    ) }}

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
        ended_at,
        contract_ends_at,
        end_reason_code,
        updated_at,
        _batch_id,
        _feed

    from kept

    where {{ happened_by_as_of('started_at') }}

)

select * from final
