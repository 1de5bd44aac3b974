-- One row per span in which an identifier was an erased account's (id_type, id_key, account_key, valid_from_at).
with

requests as (

    select * from {{ ref('stg_identity__erased_accounts') }}

),

episodes as (

    select * from {{ ref('stg_identity__erased_episodes') }}

),

accounts as (

    select account_key

    from requests

    where account_key is not null

    group by account_key

),

account_ids as (

    select id_key as account_key

    from episodes

    where id_type = 'account_id'

),

anchors as (

    {%- for source_name in ['accounts', 'account_identifiers'] %}
    {{ 'union' if not loop.first }}

    select account_key

    from (

        {{ accepted_rows(source_name, is_among('delivered.account_key', 'account_ids')) }}

    ) as rows_of_anchors
    {%- endfor %}

),

begins as (

    select
        id_type,
        id_key,
        valid_from_at,
        lead(valid_from_at) over (
            -- one row per id_type, id_key, valid_from_at
            partition by id_type, id_key
            order by valid_from_at
        ) as next_from_at

    from episodes

    group by id_type, id_key, valid_from_at

),

final as (

    select
        episodes.id_type,
        episodes.id_key,
        episodes.account_key,
        episodes.valid_from_at,
        -- A span without an end ends here where another account's begins, even if that account is erased, too: what
        -- arrives after that is the next holder's.
        case
            when episodes.valid_to_at < {{ end_of_time() }} then episodes.valid_to_at
            else coalesce(begins.next_from_at, episodes.valid_to_at)
        end as valid_to_at

    from episodes

    inner join accounts
        on episodes.account_key = accounts.account_key

    inner join begins
        on
            episodes.id_type = begins.id_type
            and episodes.id_key = begins.id_key
            and episodes.valid_from_at = begins.valid_from_at

    -- An account's own id belongs to that account alone, even where another account was delivered with it.
    left join anchors
        on
            episodes.id_type = 'account_id'
            and episodes.id_key = anchors.account_key

    where anchors.account_key is null

)

select * from final
