-- One row per pair of accounts that held an identifier at the same time (account_key, other_account_key, id_type, id_key).
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_touched('id_key', ref('stg_identity__identifiers_touched')) }}",
) }}
with

linking as (

    select * from {{ ref('int_identifiers_qualified') }}

),

accounts as (

    select * from {{ ref('int_accounts_described') }}

    where {{ is_touched('account_key', 'linking') }}

),

pairs as (

    select
        lefts.account_key,
        rights.account_key as other_account_key,
        lefts.id_type,
        lefts.id_key,
        lefts.needs_corroboration,
        min(greatest(lefts.links_from_at, rights.links_from_at)) as held_together_from_at

    from linking as lefts

    inner join linking as rights
        on
            lefts.id_type = rights.id_type
            and lefts.id_key = rights.id_key
            and lefts.account_key < rights.account_key
            and greatest(lefts.links_from_at, rights.links_from_at)
            < least(lefts.valid_to_at, rights.valid_to_at)

    group by 1, 2, 3, 4, 5

),

final as (

    select
        pairs.account_key,
        pairs.other_account_key,
        pairs.id_type,
        pairs.id_key,
        {{ agreement_count('accounts', 'others') }} as agreement_count,
        {{ contradiction_count('accounts', 'others') }} as contradiction_count,
        pairs.needs_corroboration,
        accounts.has_attributes or others.has_attributes as has_attributes,
        pairs.held_together_from_at

    from pairs

    inner join accounts
        on pairs.account_key = accounts.account_key

    inner join accounts as others
        on pairs.other_account_key = others.account_key

)

select * from final
