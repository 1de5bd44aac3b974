-- One row per customer and span in which one account version was the one known last (customer_id, valid_from_at).
{{ config(materialized='view') }}
with

versions as (

    select * from {{ ref('int_account_versions_resolved') }}

),

numbered as (

    select
        *,
        row_number() over (
            -- one row per account_key, updated_at
            partition by customer_id
            order by known_at nulls first, opened_at nulls first, account_key, updated_at nulls first
        ) as position_number

    from versions

),

-- The first version describes the customer before it was known, too: nothing else does.
begun as (

    select
        customer_id,
        customer_type,
        region_code,
        birth_year,
        position_number,
        case
            when position_number = 1 then {{ beginning_of_time() }}
            else coalesce(known_at, {{ beginning_of_time() }})
        end as valid_from_at

    from numbered

),

followed as (

    select
        *,
        coalesce(
            lead(valid_from_at) over (
                -- one row per customer_id, position_number
                partition by customer_id
                order by position_number
            ), {{ end_of_time() }}
        ) as valid_to_at

    from begun

    where {{ happened_by_as_of('valid_from_at') }}

),

final as (

    select
        customer_id,
        customer_type,
        region_code,
        birth_year,
        valid_from_at,
        valid_to_at

    from followed

    -- Of versions known at one instant the last counts.
    where valid_to_at > valid_from_at

)

select * from final
