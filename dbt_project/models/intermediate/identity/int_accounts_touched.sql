-- One row per account whose customer may differ from the last build's (account_key).
with

registry as (

    {{ registry_before() }}

),

components as (

    {{ standing_components() }}

),

-- What changed, and who ever held an identifier of it: ties begin and end between these only.
tied as (

    select account_key
    from {{ ref('stg_identity__accounts_touched') }}

    union

    select spans.account_key
    from {{ ref('int_identifiers_spanned') }} as spans

    inner join {{ ref('stg_identity__identifiers_touched') }} as identifiers
        on spans.id_key = identifiers.id_key

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

-- Two groups that had one customer_id are told apart together.
related as (

    select account_key
    from together

    union

    select relatives.account_key
    from registry as relatives

    inner join (

        select registry.customer_id

        from registry

        inner join together
            on registry.account_key = together.account_key

        where registry.released_at is null

        group by registry.customer_id

    ) as customers
        on relatives.customer_id = customers.customer_id

    where relatives.released_at is null

),

final as (

    {{ with_components('related') }}

)

select account_key from final
