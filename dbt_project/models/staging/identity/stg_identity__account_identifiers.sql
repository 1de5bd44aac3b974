-- One row per span in which an identifier belonged to an account (account_key, id_type, id_key, valid_from_at).
{{ config(materialized='table') }}
with

newest as (

    {{ standing_rows('account_identifiers') }}

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
        stood_to_at as valid_to_at,
        follows_at,
        _batch_id,
        _feed,
        _silent_batch_id

    from kept

    where valid_from_at is null or {{ happened_by_as_of('valid_from_at') }}

)

select * from final
