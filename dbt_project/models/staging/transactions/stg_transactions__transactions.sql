-- One row per transaction (transaction_id).
with

newest as (

    {{ newest_rows('transactions', superseded=ref('stg_transactions__transactions_superseded')) }}

),

kept as (

    {{ without_erased('newest', at='occurred_at') }}

),

final as (

    select
        transaction_id,
        id_type,
        id_key,
        occurred_at,
        transaction_type,
        product_code,
        amount,
        currency,
        month as _month,
        _batch_id,
        _feed

    from kept

    where {{ happened_by_as_of('occurred_at') }}

)

select * from final
