-- One row per identifier that was held in turn or together, customer and span (id_type, id_key, customer_id, valid_from_at).
{{ config(materialized='ephemeral') }}
with

divided as (

    select * from {{ ref('int_identifiers_divided') }}

),

owned as (

    select * from {{ ref('int_identifiers_owned') }}

),

identifier_types as (

    select * from {{ ref('stg_identity__identifier_types') }}

),

-- When the first of the others let go of it: what begins later was reassigned.
releases as (

    select
        id_type,
        id_key,
        customer_id,
        min(valid_to_at) as released_at,
        row_number() over (
            -- one row per id_type, id_key, customer_id
            partition by id_type, id_key
            order by min(valid_to_at), customer_id
        ) as release_position

    from owned

    where valid_to_at < {{ end_of_time() }}

    group by id_type, id_key, customer_id

),

dated as (

    select
        divided.*,
        coalesce(identifier_types.can_be_shared, true) as can_be_shared,
        coalesce(identifier_types.quarantine_days, 0) as quarantine_days,
        coalesce(firsts.released_at <= divided.valid_from_at, false)
        or coalesce(seconds.released_at <= divided.valid_from_at, false) as is_reassigned

    from divided

    left join identifier_types
        on divided.id_type = identifier_types.id_type

    left join releases as firsts
        on
            divided.id_type = firsts.id_type
            and divided.id_key = firsts.id_key
            and divided.customer_id <> firsts.customer_id
            and firsts.release_position = 1

    left join releases as seconds
        on
            divided.id_type = seconds.id_type
            and divided.id_key = seconds.id_key
            and divided.customer_id <> seconds.customer_id
            and seconds.release_position = 2

),

final as (

    select
        id_type,
        id_key,
        customer_id,
        is_shared,
        is_held_together and not can_be_shared as is_disputed,
        valid_from_at,
        valid_to_at,
        case
            when not is_shared
                then lead({{ span_from_date('valid_from_at') }}) over (
                    -- one row per id_type, id_key, customer_id, valid_from_at
                    partition by id_type, id_key, is_shared
                    order by valid_from_at, customer_id
                )
        end as next_from_date,
        case
            when is_reassigned and quarantine_days > 0
                then {{ dbt.dateadd('day', 'quarantine_days', 'valid_from_at') }}
        end as quarantined_until_at

    from dated

)

select * from final
