-- A failure means that two ownership spans of one identifier overlap although neither is shared, so that a fact would
-- be counted for two customers. Resolve: no delivery can cause this; a model of identity/ownership cuts its spans
-- wrongly.
with

owners as (

    select
        id_type,
        id_key,
        coalesce(valid_from_at, {{ beginning_of_time() }}) as owned_from_at,
        lag(coalesce(valid_to_at, {{ end_of_time() }})) over (
            -- one row per id_type, id_key, customer_id, valid_from_at
            partition by id_type, id_key
            order by coalesce(valid_from_at, {{ beginning_of_time() }}), customer_id
        ) as previous_owned_to_at,
        valid_from_date,
        lag(valid_to_date) over (
            -- one row per id_type, id_key, customer_id, valid_from_at
            partition by id_type, id_key
            order by coalesce(valid_from_at, {{ beginning_of_time() }}), customer_id
        ) as previous_valid_to_date

    from {{ ref('int_identifiers_resolved') }}

    where not is_shared

)

select
    id_type,
    count(*) as overlap_count

from owners

where
    previous_owned_to_at > owned_from_at
    or previous_valid_to_date > valid_from_date

group by id_type
