{#- One row per pair of accounts, the smaller key first, that linkage (saydo.identity.linkage) proposed in this run,
    with what a person decided about it. No staging model reads it first, because it is made from staging. -#}
{% macro proposed_links() -%}
    select
        account_key,
        other_account_key,
        match_probability,
        match_weight,
        is_doubtful,
        decision,
        model_version

    from {{ source('state', 'proposed_links') }}
{%- endmacro %}

{#- One row per pair of accounts, the smaller key first, that linkage compared in this run. -#}
{% macro compared_accounts() -%}
    select
        account_key,
        other_account_key,
        given_name_likeness,
        birth_date_likeness,
        email_likeness,
        phone_likeness

    from {{ source('state', 'compared_accounts') }}
{%- endmacro %}
