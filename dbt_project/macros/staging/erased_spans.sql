{#- Who is meant by a request to be erased, and by which identifiers what is theirs arrives. Of raw, only
    rows of what the requests concern are ranked and joined, however many identifiers there are. The
    macros read CTEs of the model that calls them. -#}

{#- Of `requests`, those without a recorded answer. It is given once, when the person was erased: asked again
    after the rows are gone, the request would point at whoever had the identifier before. -#}
{% macro unanswered_requests() -%}
    select requests.*

    from requests

    left join recorded
        on
            requests.request_id = recorded.request_id
            and requests.id_type = recorded.id_type
            and requests.id_key = recorded.id_key

    where recorded.request_id is null
{%- endmacro %}

{#- Standing rows of the identifiers in `concerned`, whatever the as-of date. -#}
{% macro concerned_identifiers() -%}
    select
        account_key,
        id_type,
        id_key,
        valid_from_at,
        stood_to_at as valid_to_at,
        follows_at

    from (

        {{ saydo.standing_rows(
            'account_identifiers',
            known=saydo.is_among('delivered.id_key', 'concerned')
            ~ ' and (delivered.id_type, delivered.id_key) in (select id_type, id_key from concerned)',
            as_of=false
        ) }}

    ) as standing
{%- endmacro %}

{#- Identifiers that the accounts of a relation ever had. -#}
{% macro identifiers_of(accounts) -%}
    select
        id_type,
        id_key

    from (

        {{ saydo.accepted_rows('account_identifiers', saydo.is_among('delivered.account_key', accounts)) }}

    ) as rows_of_accounts

    group by id_type, id_key
{%- endmacro %}

{#- When the accounts of a relation were opened, by their newest version; of those that were erased, whose
    versions are gone, as it was `noted` when they were found. -#}
{% macro opened_accounts(accounts, noted) -%}
    select
        account_key,
        coalesce(max(opened_at), max(noted_at)) as opened_at

    from (

        select
            account_key,
            opened_at,
            cast(null as timestamp) as noted_at

        from (

            {{ saydo.newest_of(
                saydo.accepted_rows('accounts', saydo.is_among('delivered.account_key', accounts)),
                ['account_key'],
                version='updated_at'
            ) }}

        ) as newest

        union all

        select
            account_key,
            cast(null as timestamp) as opened_at,
            opened_at as noted_at

        from {{ noted }}

    ) as told

    group by account_key
{%- endmacro %}

{#- Accounts that held what a request of `unanswered` names, by `episodes`: those that held it when the
    person asked, else those that held it last (people ask after they have left). -#}
{% macro holders_when_asked() -%}
    select
        request_id,
        id_type,
        id_key,
        account_key

    from (

        select
            unanswered.request_id,
            unanswered.id_type,
            unanswered.id_key,
            episodes.account_key,
            rank() over (
                partition by unanswered.request_id
                order by
                    case
                        when episodes.valid_to_at > unanswered.requested_at then {{ saydo.end_of_time() }}
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

    ) as holders

    where recency = 1
{%- endmacro %}

{#- `episodes` of the erased `accounts`. An open end stops where another account begins, whatever becomes
    of that one: what arrives after that is the next holder's. What is another account's own id is not theirs. -#}
{% macro ended_spans() -%}
    select
        episodes.id_type,
        episodes.id_key,
        episodes.account_key,
        episodes.valid_from_at,
        case
            when episodes.valid_to_at < {{ saydo.end_of_time() }} then episodes.valid_to_at
            else coalesce(begins.next_from_at, episodes.valid_to_at)
        end as valid_to_at

    from episodes

    inner join accounts
        on episodes.account_key = accounts.account_key

    inner join (

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

    ) as begins
        on
            episodes.id_type = begins.id_type
            and episodes.id_key = begins.id_key
            and episodes.valid_from_at = begins.valid_from_at

    left join anchors
        on
            episodes.id_type = 'account_id'
            and episodes.id_key = anchors.account_key

    where anchors.account_key is null
{%- endmacro %}

{#- Accounts whose own id one of the identifiers in `held` is. -#}
{% macro anchors_among_identifiers() -%}
    {%- set named = "(select id_key from held where id_type = 'account_id')" %}
    {%- for source_name in ['accounts', 'account_identifiers'] %}
    {{ 'union' if not loop.first }}
    select account_key
    from (

        {{ saydo.accepted_rows(source_name, saydo.is_among('delivered.account_key', named, 'id_key')) }}

    ) as rows_of_anchors
    {%- endfor %}
{%- endmacro %}

{#- What is theirs whenever it arrives: the id of an erased account, and what a request of `unclaimed` names
    and no account ever held. -#}
{% macro erased_for_all_time() -%}
    select
        id_type,
        id_key,
        account_key,
        {{ saydo.beginning_of_time() }} as erased_from_at,
        {{ saydo.end_of_time() }} as erased_to_at,
        {{ saydo.beginning_of_days() }} as erased_from_date,
        {{ saydo.end_of_days() }} as erased_to_date

    from (

        select
            'account_id' as id_type,
            account_key as id_key,
            account_key
        from accounts

        union all

        select
            unclaimed.id_type,
            unclaimed.id_key,
            cast(null as {{ dbt.type_string() }}) as account_key

        from unclaimed

        left join episodes
            on
                unclaimed.id_type = episodes.id_type
                and unclaimed.id_key = episodes.id_key

        where episodes.id_key is null

    ) as always
{%- endmacro %}
