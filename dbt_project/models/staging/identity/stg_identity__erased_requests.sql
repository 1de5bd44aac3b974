-- One row per request to be erased that no erasing has answered yet (request_id).
{{ config(materialized='table') }}
with

recorded as (

    select * from {{ source('state', 'erasures') }}

),

-- Not cut at the as-of date: a request holds for every day.
requests as (

    {{ newest_rows('erasure_requests', ['request_id']) }}

),

-- A request is answered once, when the person is erased: asked again after the rows are gone, it would
-- point at whoever had the identifier before.
final as (

    select
        requests.request_id,
        requests.id_type,
        requests.id_key,
        requests.requested_at

    from requests

    left join recorded
        on
            requests.request_id = recorded.request_id
            and requests.id_type = recorded.id_type
            and requests.id_key = recorded.id_key

    where recorded.request_id is null

)

select * from final
