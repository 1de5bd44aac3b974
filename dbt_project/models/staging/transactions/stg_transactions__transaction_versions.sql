-- One row per delivered version of a transaction: where in raw each version lies.
with

versions as (

    {{ accepted_rows('transactions') }}

),

final as (

    select
        transaction_id,
        month as _month,
        _batch_id

    from versions

)

select * from final
