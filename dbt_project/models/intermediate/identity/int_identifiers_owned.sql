-- One row per identifier of several episodes, customer and span of holding it (id_type, id_key, customer_id, valid_from_at).
{{ config(materialized='table') }}
with

contested as (

    select
        id_type,
        id_key
    from {{ ref('int_identifiers_counted') }}

    where {{ is_touched('id_key', ref('int_identifiers_touched')) }}

),

spans as (

    select spanned.*

    from {{ touched_or_all(ref('int_spans_owned'), ref('int_identifiers_spanned')) }} as spanned

    inner join contested
        on
            spanned.id_key = contested.id_key
            and spanned.id_type = contested.id_type

),

opened as (

    {{ open_to_the_past('spans') }}

),

accounts as (

    select * from {{ ref('int_accounts_identified') }}

    where {{ is_touched('account_key', 'spans') }}

),

held as (

    select
        opened.id_type,
        opened.id_key,
        accounts.customer_id,
        opened.valid_from_at,
        opened.valid_to_at

    from opened

    inner join accounts
        on opened.account_key = accounts.account_key

),

final as (

    {{ merge_spans('held', ['id_type', 'id_key', 'customer_id']) }}

)

select * from final
