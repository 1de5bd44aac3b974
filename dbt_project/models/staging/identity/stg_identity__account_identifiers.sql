-- One row per span in which an identifier belonged to an account (account_key, id_type, id_key, valid_from_at).
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_touched('account_key', ref('stg_identity__accounts_touched')) }}",
) }}
with

newest as (

    {{ newest_touched_rows(
        'account_identifiers',
        ['account_key', 'id_type', 'id_key', 'valid_from_at'],
        ref('stg_identity__accounts_touched'),
        touched=ref('stg_identity__identifier_rows_touched')
    ) }}

),

kept as (

    {{ without_erased_accounts('newest') }}

),

final as (

    select
        account_key,
        id_type,
        id_key,
        valid_from_at,
        valid_to_at,
        _batch_id,
        _feed

    from kept

    where valid_from_at is null or {{ happened_by_as_of('valid_from_at') }}

)

select * from final
