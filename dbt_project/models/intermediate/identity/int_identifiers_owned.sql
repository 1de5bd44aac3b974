-- One row per identifier, customer and span of holding it (id_type, id_key, customer_id, valid_from_at).
with

spans as (

    select * from {{ ref('int_identifiers_spanned') }}

),

accounts as (

    select * from {{ ref('int_accounts_resolved') }}

),

held as (

    select
        spans.id_type,
        spans.id_key,
        accounts.customer_id,
        spans.valid_from_at,
        spans.valid_to_at

    from spans

    inner join accounts
        on spans.account_key = accounts.account_key

),

final as (

    {{ merge_spans('held', ['id_type', 'id_key', 'customer_id']) }}

)

select * from final
