-- One row per assignment, by the last release, of a touched account or of one that shares its customer_id (account_key, assigned_at, customer_id).
with

touched as (

    {{ registry_before(is_among('account_key', ref('int_accounts_touched'))) }}

),

claimed as (

    select customer_id
    from touched

    where released_at is null

),

-- All that have a say in who keeps it.
sharing as (

    {{ registry_before('released_at is null and ' ~ is_among('customer_id', 'claimed')) }}

),

final as (

    select
        account_key,
        customer_id,
        assigned_at,
        released_at

    from touched

    union

    select
        account_key,
        customer_id,
        assigned_at,
        released_at

    from sharing

)

select * from final
