-- One row per ownership episode: identifier, account and span (id_type, id_key, account_key, valid_from_at).
with

accounts as (

    select * from {{ ref('int_accounts_described') }}

),

identifiers as (

    select * from {{ ref('stg_identity__account_identifiers') }}

),

episodes as (

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

    from episodes

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
