-- One row per unanswered request to be erased and account that held what it names (request_id, account_key).
with

recorded as (

    select * from {{ source('state', 'erasures') }}

),

unanswered as (

    select * from {{ ref('stg_identity__erased_requests') }}

),

concerned as (

    select * from unanswered

    where id_type <> 'account_id'

),

held as (

    select * from {{ ref('stg_identity__erased_requested_spans') }}

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
