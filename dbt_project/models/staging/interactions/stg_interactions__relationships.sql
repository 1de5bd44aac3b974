-- One row per relation between two identifiers and its begin (both identifiers, relation_type, since_at).
with

newest as (

    {{ newest_rows('relationships', ['id_type', 'id_key', 'to_id_type', 'to_id_key', 'relation_type', 'since_at']) }}

),

kept as (

    {{ without_erased('newest', at='since_at') }}

),

-- A relation is of two people: erasing either takes it out.
kept_to as (

    {{ without_erased('kept', at='since_at', prefix='to_') }}

),

final as (

    select
        id_type,
        id_key,
        to_id_type,
        to_id_key,
        relation_type,
        since_at,
        until_at,
        weight,
        _batch_id,
        _feed

    from kept_to

    where {{ happened_by_as_of('since_at') }}

)

select * from final
