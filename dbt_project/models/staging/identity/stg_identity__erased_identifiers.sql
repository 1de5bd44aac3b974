-- One row per identifier span of an erased person (id_type, id_key, erased_from_at, erased_to_at).
with

requests as (

    {{ newest_rows('erasure_requests', ['request_id']) }}

),

recorded as (

    select * from {{ source('state', 'erasures') }}

),

concerned as (

    {{ concerned_identifiers() }}

),

open_spans as (

    {{ concerned_spans() }}

),

spans as (

    {{ ended_spans() }}

),

accounts as (

    select account_key
    from recorded

    union

    select id_key as account_key
    from requests

    where id_type = 'account_id'

    union

    {{ unanswered_holders() }}

),

named as (

    select
        id_type,
        id_key
    from requests

    union

    select
        id_type,
        id_key
    from recorded

),

final as (

    select
        'account_id' as id_type,
        account_key as id_key,
        {{ beginning_of_time() }} as erased_from_at,
        {{ end_of_time() }} as erased_to_at

    from accounts

    union

    select
        spans.id_type,
        spans.id_key,
        spans.begins_at as erased_from_at,
        spans.ends_at as erased_to_at

    from spans

    inner join accounts
        on spans.account_key = accounts.account_key

    union

    -- What a request names and no account ever held is the person's own, for all time.
    select
        named.id_type,
        named.id_key,
        {{ beginning_of_time() }} as erased_from_at,
        {{ end_of_time() }} as erased_to_at

    from named

    left join spans
        on
            named.id_type = spans.id_type
            and named.id_key = spans.id_key

    where
        spans.id_key is null
        and named.id_type <> 'account_id'

)

select * from final
