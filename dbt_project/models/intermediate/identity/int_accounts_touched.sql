-- One row per account whose customer may differ from the last build's (account_key).
with

components as (

    {{ standing_components() }}

),

-- What changed, and who ever held an identifier of it: ties begin and end between these only.
tied as (

    select account_key
    from {{ ref('stg_identity__accounts_touched') }}

    union

    select account_key
    from {{ ref('int_spans_touched') }}

    union

    -- Holders of one identifier whose quarantine has ended since.
    select account_key
    from {{ ref('int_accounts_compared') }}

    where {{ has_come_up('held_together_from_at') }}

    union

    select other_account_key as account_key
    from {{ ref('int_accounts_compared') }}

    where {{ has_come_up('held_together_from_at') }}

),

together as (

    {{ with_components('tied') }}

),

customers as (

    {{ customers_held_before(is_among('account_key', 'together')) }}

),

-- Two groups that had one customer_id are told apart together.
relatives as (

    {{ customers_held_before(is_among('customer_id', 'customers')) }}

),

related as (

    select account_key
    from together

    union

    select account_key
    from relatives

),

final as (

    {{ with_components('related') }}

)

select account_key from final
