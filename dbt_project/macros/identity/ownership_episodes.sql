{#- One row per ownership episode: a span over which an identifier belonged to an account. Identity and erasure both
    read it here.

    In: `identifiers`, the standing rows (account_key, id_type, id_key, valid_from_at, valid_to_at, follows_at), and
    `accounts` with opened_at. Out: id_type, id_key, account_key, valid_from_at, valid_to_at and open_from_at, never null.

    A span without a begin begins when another account ceased to have the identifier (follows_at), if snapshots tell
    that, else when its own account was opened. Where the type is never reassigned, `open_from_at` says that it may
    reach back further: see open_to_the_past. Spans that touch are merged. That an account has its own account_id for
    all time is left to the caller to add. -#}
{% macro ownership_episodes(identifiers, accounts) -%}
    with reassigned as (

        select id_type

        from {{ source('configuration', 'identifier_types') }}

        where quarantine_days > 0

    ),

    delivered as (

        select
            identifiers.id_type,
            identifiers.id_key,
            identifiers.account_key,
            coalesce(
                identifiers.valid_from_at,
                identifiers.follows_at,
                case
                    when
                        reassigned.id_type is not null
                        or coalesce(identifiers.valid_to_at > accounts.opened_at, true)
                        then accounts.opened_at
                end,
                {{ saydo.beginning_of_time() }}
            ) as valid_from_at,
            coalesce(identifiers.valid_to_at, {{ saydo.end_of_time() }}) as valid_to_at,
            coalesce(
                identifiers.valid_from_at,
                identifiers.follows_at,
                case when reassigned.id_type is not null then accounts.opened_at end,
                {{ saydo.beginning_of_time() }}
            ) as open_from_at

        from {{ identifiers }} as identifiers

        left join reassigned
            on identifiers.id_type = reassigned.id_type

        left join {{ accounts }} as accounts
            on identifiers.account_key = accounts.account_key

        where identifiers.id_type <> 'account_id' or identifiers.id_key <> identifiers.account_key

    )

    {{ saydo.merge_spans('delivered', ['id_type', 'id_key', 'account_key'], beside=['open_from_at']) }}
{%- endmacro %}

{#- The episodes with the past that belongs to them: an episode that no source gives a begin, of a type that is never
    reassigned, goes back to the end of the episode before it, or to the beginning of time if it is the first. It never
    takes time that another episode has, and accounts are linked without it, so it changes no link.
    `episodes` has to hold all episodes of an identifier. -#}
{% macro open_to_the_past(episodes) -%}
    select
        spans.id_type,
        spans.id_key,
        spans.account_key,
        least(
            spans.valid_from_at,
            greatest(spans.open_from_at, coalesce(begins.held_until_at, {{ saydo.beginning_of_time() }}))
        ) as valid_from_at,
        spans.valid_to_at

    from {{ episodes }} as spans

    inner join (

        select
            id_type,
            id_key,
            valid_from_at,
            max(max(valid_to_at)) over (
                -- one row per id_type, id_key, valid_from_at
                partition by id_type, id_key
                order by valid_from_at
                rows between unbounded preceding and 1 preceding
            ) as held_until_at

        from {{ episodes }}

        group by id_type, id_key, valid_from_at

    ) as begins
        on
            spans.id_type = begins.id_type
            and spans.id_key = begins.id_key
            and spans.valid_from_at = begins.valid_from_at
{%- endmacro %}

{#- Both in one: the ownership episodes of the identifiers, open to the past. -#}
{% macro owned_episodes(identifiers, accounts) -%}
    with told as (

        {{ saydo.ownership_episodes(identifiers, accounts) }}

    ),

    reaching as (

        {{ saydo.open_to_the_past('told') }}

    )

    {{ saydo.merge_spans('reaching', ['id_type', 'id_key', 'account_key']) }}
{%- endmacro %}
