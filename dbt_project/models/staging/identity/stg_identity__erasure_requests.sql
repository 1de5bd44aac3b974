-- One row per request of a person to be erased (request_id).
with

newest as (

    {{ newest_rows('erasure_requests', ['request_id']) }}

),

final as (

    select
        request_id,
        id_type,
        id_key,
        requested_at,
        _batch_id,
        _feed

    from newest

)

select * from final
