{#- One row per account of `accounts`, a CTE of the model, with when it was opened by its newest version. The versions of
    erased accounts are gone: for those, what `noted` recorded when the request was answered. -#}
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
