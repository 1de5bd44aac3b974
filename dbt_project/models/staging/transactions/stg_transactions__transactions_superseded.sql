-- One row per delivered row of a transaction that a newer one supersedes (_batch_id, _line_number).
with

superseded as (

    {{ superseded_rows(
        'transactions',
        ['transaction_id'],
        repeated=repeated_keys('transactions', ['transaction_id'])
    ) }}

),

final as (

    select
        _batch_id,
        _line_number,
        _month,
        _newest_batch_id

    from superseded

)

select * from final
