-- One row per ownership episode: identifier, account and span (id_type, id_key, account_key, valid_from_at).
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_touched('account_key', ref('stg_identity__accounts_touched')) }}",
) }}
with

accounts as (

    select * from {{ ref('int_accounts_described') }}

    where {{ is_touched('account_key', ref('stg_identity__accounts_touched')) }}

),

identifiers as (

    select * from {{ touched_or_all(
        ref('stg_identity__account_identifiers_touched'),
        ref('stg_identity__account_identifiers')
    ) }}

),

merged as (

    {{ ownership_episodes('identifiers', 'accounts') }}

),

final as (

    select
        id_type,
        id_key,
        account_key,
        valid_from_at,
        valid_to_at,
        open_from_at

    from merged

    union all

    -- An account's own id is its anchor: it is the account's before it opens and after it closes.
    select
        'account_id' as id_type,
        account_key as id_key,
        account_key,
        {{ beginning_of_time() }} as valid_from_at,
        {{ end_of_time() }} as valid_to_at,
        {{ beginning_of_time() }} as open_from_at

    from accounts

)

select * from final
