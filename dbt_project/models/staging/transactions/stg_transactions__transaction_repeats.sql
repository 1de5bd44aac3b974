-- One row per transaction that was delivered more than once (transaction_id).
with

repeated as (

    {{ repeated_keys('transactions', ['transaction_id']) }}

),

final as (

    select
        transaction_id,
        is_repeated

    from repeated

)

select * from final
