-- One row per unanswered request to be erased and account that held what it names (request_id, account_key).
with

requests as (

    select * from {{ ref('stg_identity__erasure_requests') }}

),

recorded as (

    select * from {{ source('state', 'erasures') }}

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

    select
        id_type,
        id_key

    from unanswered

    where id_type <> 'account_id'

    group by id_type, id_key

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
        unanswered.request_id,
        unanswered.id_type,
        unanswered.id_key,
        episodes.account_key,
        rank() over (
            partition by unanswered.request_id
            order by
                case
                    when episodes.valid_to_at > unanswered.requested_at then {{ end_of_time() }}
                    else episodes.valid_to_at
                end desc
        ) as recency

    from unanswered

    left join episodes
        on
            unanswered.id_type = episodes.id_type
            and unanswered.id_key = episodes.id_key
            and unanswered.requested_at >= episodes.valid_from_at

    where unanswered.id_type <> 'account_id'

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
