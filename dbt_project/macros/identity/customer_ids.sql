{#- The registry of the last release: one row per account and customer_id that it was ever given. Identity wrote it
    itself and nobody delivered it, so no staging model reads it first. -#}
{% macro registry_before() -%}
    select
        account_key,
        customer_id,
        assigned_at,
        released_at

    from {{ source('state', 'registry') }}
{%- endmacro %}

{#- One row per change of customers up to the last release: created, merged, split or reassigned. Identity wrote it
    itself, too. -#}
{% macro changes_before() -%}
    select
        changed_at,
        change_type,
        from_customer_id,
        to_customer_id,
        account_count,
        reason,
        release_id

    from {{ source('state', 'identity_changes') }}
{%- endmacro %}

{#- One row per customer that the last release published. -#}
{% macro customers_before() -%}
    select customer_id

    from {{ source('state', 'published_customers') }}
{%- endmacro %}

{#- A new customer_id, made from the founding account of a group. `generation` is how many assignments the account
    has had: without it, an account that left its customer would be given the id that its former customer keeps. -#}
{% macro mint_customer_id(account_key, generation) -%}
    'c_' || substring({{ dbt.hash(account_key ~ " || ':' || " ~ text(generation)) }}, 1, 16)
{%- endmacro %}

{#- Version of the rules that decide who owns an identifier; raise it when they change. -#}
{% macro identity_rule_version() -%} '1' {%- endmacro %}
