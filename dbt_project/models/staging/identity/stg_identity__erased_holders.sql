-- One row per unanswered request to be erased and account that held what it names (request_id, account_key).
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
unanswered as (

    select requests.*

    from requests

    left join recorded
        on
            requests.request_id = recorded.request_id
            and requests.id_type = recorded.id_type
            and requests.id_key = recorded.id_key

    where recorded.request_id is null

),

concerned as (

    select * from unanswered

    where id_type <> 'account_id'

),

held as (

    {{ concerned_identifiers() }}

),

opened as (

    {{ opened_accounts('held', 'recorded') }}

),

episodes as (

    {{ owned_episodes('held', 'opened') }}

),

-- Who held it when the person asked comes first, else who held it last: people ask after they have left.
ranked as (

    select
        concerned.request_id,
        concerned.id_type,
        concerned.id_key,
        episodes.account_key,
        rank() over (
            partition by concerned.request_id
            order by
                case
                    when episodes.valid_to_at > concerned.requested_at then {{ end_of_time() }}
                    else episodes.valid_to_at
                end desc
        ) as recency

    from concerned

    left join episodes
        on
            concerned.id_type = episodes.id_type
            and concerned.id_key = episodes.id_key
            and concerned.requested_at >= episodes.valid_from_at

),

final as (

    select
        request_id,
        id_type,
        id_key,
        account_key

    from ranked

    where recency = 1

    union all

    -- An account that is named is meant, whatever it held.
    select
        request_id,
        id_type,
        id_key,
        id_key as account_key

    from unanswered

    where id_type = 'account_id'

)

select * from final
