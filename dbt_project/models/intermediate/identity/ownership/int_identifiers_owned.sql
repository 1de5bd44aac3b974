-- One row per identifier of several episodes, customer that holds it, and span with the same is_shared and is_held_together (id_type, id_key, customer_id, valid_from_at).
with

spans as (

    select * from {{ ref('int_identifiers_contested') }}

),

counted as (

    select * from {{ ref('int_identifiers_counted') }}

),

accounts as (

    select * from {{ ref('int_accounts_resolved') }}

),

opened as (

    {{ open_to_the_past('spans') }}

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

holders as (

    {{ merge_spans('held', ['id_type', 'id_key', 'customer_id']) }}

),

-- Time is cut wherever a customer begins or ceases to hold the identifier.
pieces as (

    {{ held_pieces('holders', ['id_type', 'id_key']) }}

),

divided as (

    select
        holders.id_type,
        holders.id_key,
        holders.customer_id,
        pieces.valid_from_at,
        pieces.valid_to_at,
        holders.valid_to_at as held_until_at,
        -- A placeholder belongs to nobody, so that several hold it is no dispute.
        pieces.holding_count > 1 and not counted.is_placeholder as is_held_together,
        pieces.holding_count > 1 or counted.is_over_limit as is_shared

    from holders

    inner join pieces
        on
            holders.id_type = pieces.id_type
            and holders.id_key = pieces.id_key
            and holders.valid_from_at <= pieces.valid_from_at
            and holders.valid_to_at >= pieces.valid_to_at

    inner join counted
        on
            holders.id_type = counted.id_type
            and holders.id_key = counted.id_key

),

final as (

    {{ merge_spans(
        'divided',
        ['id_type', 'id_key', 'customer_id', 'is_shared', 'is_held_together'],
        beside=['held_until_at']
    ) }}

)

select * from final
