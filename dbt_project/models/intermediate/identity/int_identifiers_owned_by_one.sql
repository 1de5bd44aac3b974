-- One row per identifier of a single episode: its owner is whoever's account has it (id_type, id_key).
{{ config(materialized='ephemeral') }}
with

spans as (

    select * from {{ touched_or_all(ref('int_spans_owned'), ref('int_identifiers_spanned')) }}

),

accounts as (

    select * from {{ ref('int_accounts_identified') }}

    where {{ is_touched('account_key', 'spans') }}

),

contested as (

    select * from {{ ref('int_identifiers_counted') }}

    where {{ is_touched('id_key', ref('int_identifiers_touched')) }}

),

final as (

    select
        spans.id_type,
        spans.id_key,
        accounts.customer_id,
        false as is_shared,
        false as is_disputed,
        -- Nobody had it before.
        spans.open_from_at as valid_from_at,
        spans.valid_to_at,
        cast(null as date) as next_from_date,
        cast(null as timestamp) as quarantined_until_at

    from spans

    inner join accounts
        on spans.account_key = accounts.account_key

    left join contested
        on
            spans.id_key = contested.id_key
            and spans.id_type = contested.id_type

    where contested.id_key is null

)

select * from final
