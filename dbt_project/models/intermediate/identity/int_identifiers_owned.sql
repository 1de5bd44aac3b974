-- One row per identifier of several episodes, customer and span of holding it (id_type, id_key, customer_id, valid_from_at).
{{ config(materialized='table') }}
with

contested as (

    select
        id_type,
        id_key
    from {{ ref('int_identifiers_counted') }}

    where {{ is_touched(['id_key'], ref('int_identifiers_touched')) }}

),

held as (

    select
        spans.id_type,
        spans.id_key,
        accounts.customer_id,
        spans.valid_from_at,
        spans.valid_to_at

    from {{ ref('int_identifiers_spanned') }} as spans

    inner join contested
        on
            spans.id_key = contested.id_key
            and spans.id_type = contested.id_type

    inner join {{ ref('int_accounts_identified') }} as accounts
        on spans.account_key = accounts.account_key

),

final as (

    {{ merge_spans('held', ['id_type', 'id_key', 'customer_id']) }}

)

select * from final
