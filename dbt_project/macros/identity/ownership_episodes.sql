{#- From when to when an identifier belonged to an account, said once: for identity and for erasure.
    `identifiers` holds standing rows (account_key, id_type, id_key, valid_from_at, valid_to_at, follows_at),
    `accounts` when each account was opened. A span without a begin begins when another account let go of the
    identifier, if snapshots tell that, else when its own was opened; of a type that is never reassigned it is
    then open to the past as well, see below. Spans that touch are one. The anchor of an account, its own id,
    is longer than any span of it and left to the reader. -#}
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

{#- Of what nobody says since when, and is never reassigned, the past is theirs who have it next: such a span
    goes back to the end of whatever held the identifier before, else to the beginning. So it never takes
    a time that another has, and who is linked with whom does not change. `episodes` are all of an identifier. -#}
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

{#- The episodes of all accounts that have the identifiers, with that past. -#}
{% macro owned_episodes(identifiers, accounts) -%}
    with told as (

        {{ saydo.ownership_episodes(identifiers, accounts) }}

    ),

    reaching as (

        {{ saydo.open_to_the_past('told') }}

    )

    {{ saydo.merge_spans('reaching', ['id_type', 'id_key', 'account_key']) }}
{%- endmacro %}
