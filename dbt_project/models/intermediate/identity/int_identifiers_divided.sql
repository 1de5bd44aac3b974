-- One row per identifier, customer and span in which it has the same holders (id_type, id_key, customer_id, valid_from_at).
{{ config(materialized='ephemeral') }}
with

owned as (

    select * from {{ ref('int_identifiers_owned') }}

),

over_limit as (

    select
        id_type,
        id_key,
        is_placeholder

    from {{ ref('int_identifiers_counted') }}

    where is_over_limit

),

segments as (

    select * from {{ ref('int_identifiers_segmented') }}

),

several as (

    select
        id_type,
        id_key

    from segments

    group by id_type, id_key

),

pieces as (

    select
        owned.id_type,
        owned.id_key,
        owned.customer_id,
        segments.valid_from_at,
        segments.valid_to_at,
        count(*) over (
            partition by owned.id_type, owned.id_key, segments.valid_from_at
        ) > 1 as is_held_together

    from owned

    inner join segments
        on
            owned.id_type = segments.id_type
            and owned.id_key = segments.id_key
            and owned.valid_from_at <= segments.valid_from_at
            and owned.valid_to_at >= segments.valid_to_at

    union all

    select
        owned.*,
        false as is_held_together

    from owned

    left join several
        on
            owned.id_type = several.id_type
            and owned.id_key = several.id_key

    where several.id_key is null

),

judged as (

    select
        pieces.id_type,
        pieces.id_key,
        pieces.customer_id,
        pieces.valid_from_at,
        pieces.valid_to_at,
        -- Nobody disputes a placeholder: it is no one's.
        pieces.is_held_together and not coalesce(over_limit.is_placeholder, false) as is_held_together,
        pieces.is_held_together or over_limit.id_key is not null as is_shared

    from pieces

    left join over_limit
        on
            pieces.id_type = over_limit.id_type
            and pieces.id_key = over_limit.id_key

),

final as (

    {{ merge_spans('judged', ['id_type', 'id_key', 'customer_id', 'is_shared', 'is_held_together']) }}

)

select * from final
