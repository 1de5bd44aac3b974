{#- From when to when an identifier belonged to an account, said once: for identity and for erasure.
    `identifiers` holds standing rows (account_key, id_type, id_key, valid_from_at, valid_to_at, follows_at),
    `accounts` when each account was opened. A span without a begin begins when another account let go of the
    identifier, or when its own was opened; spans that touch are one. The anchor
    of an account, its own id, is longer than any span of it and left to the reader. -#}
{% macro ownership_episodes(identifiers, accounts) -%}
    with delivered as (

        select
            identifiers.id_type,
            identifiers.id_key,
            identifiers.account_key,
            coalesce(
                identifiers.valid_from_at,
                identifiers.follows_at,
                accounts.opened_at,
                {{ saydo.beginning_of_time() }}
            ) as valid_from_at,
            coalesce(identifiers.valid_to_at, {{ saydo.end_of_time() }}) as valid_to_at

        from {{ identifiers }} as identifiers

        left join {{ accounts }} as accounts
            on identifiers.account_key = accounts.account_key

        where identifiers.id_type <> 'account_id' or identifiers.id_key <> identifiers.account_key

    )

    {{ saydo.merge_spans('delivered', ['id_type', 'id_key', 'account_key']) }}
{%- endmacro %}
