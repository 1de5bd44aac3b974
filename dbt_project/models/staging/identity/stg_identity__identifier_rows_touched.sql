-- One row per delivered row of an identifier of a touched account, of every batch (_batch_id, _line_number).
{{ config(materialized='table') }}
with

final as (

    select
        delivered.account_key,
        delivered.id_type,
        delivered.id_key,
        delivered.valid_from_at,
        delivered.valid_to_at,
        delivered._feed,
        delivered._batch_id,
        delivered._batch_sequence,
        delivered._line_number,
        delivered.batch

    from {{ source('raw', 'account_identifiers') }} as delivered

    where {{ is_among('delivered.account_key', ref('stg_identity__accounts_touched')) }}

)

select * from final
