-- One row per identifier of several episodes, customer and span, with its quarantine if it was another customer's before (id_type, id_key, customer_id, valid_from_at).
with

owned as (

    select * from {{ ref('int_identifiers_owned') }}

),

counted as (

    select * from {{ ref('int_identifiers_counted') }}

),

released as (

    select
        id_type,
        id_key,
        customer_id,
        min(held_until_at) as released_at

    from owned

    group by id_type, id_key, customer_id

),

numbered as (

    select
        released.*,
        min(released_at) over (partition by id_type, id_key) as first_released_at,
        lead(released_at) over (
            -- one row per id_type, id_key, customer_id
            partition by id_type, id_key
            order by released_at, customer_id
        ) as next_released_at,
        row_number() over (
            -- one row per id_type, id_key, customer_id
            partition by id_type, id_key
            order by released_at, customer_id
        ) as release_number

    from released

),

-- When the first of the other customers gave the identifier up. For the customer who gave it up first, that is the
-- second to do so.
others as (

    select
        id_type,
        id_key,
        customer_id,
        case when release_number = 1 then next_released_at else first_released_at end as released_at

    from numbered

),

final as (

    select
        owned.id_type,
        owned.id_key,
        owned.customer_id,
        owned.is_shared,
        owned.is_held_together and not counted.can_be_shared as is_disputed,
        owned.valid_from_at,
        owned.valid_to_at,
        case
            when not owned.is_shared
                then lead({{ span_from_date('owned.valid_from_at') }}) over (
                    -- one row per id_type, id_key, customer_id, valid_from_at
                    partition by owned.id_type, owned.id_key, owned.is_shared
                    order by owned.valid_from_at, owned.customer_id
                )
        end as next_from_date,
        case
            when others.released_at <= owned.valid_from_at and counted.quarantine_days > 0
                then {{ dbt.dateadd('day', 'counted.quarantine_days', 'owned.valid_from_at') }}
        end as quarantined_until_at

    from owned

    inner join counted
        on
            owned.id_type = counted.id_type
            and owned.id_key = counted.id_key

    inner join others
        on
            owned.id_type = others.id_type
            and owned.id_key = others.id_key
            and owned.customer_id = others.customer_id

)

select * from final
