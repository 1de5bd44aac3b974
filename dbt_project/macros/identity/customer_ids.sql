{#- The registry of the release before: which account was given which customer, ever. It is state of
    identity itself, not a delivery, so no staging model stands before it. -#}
{% macro registry_before() -%}
    select
        account_key,
        customer_id,
        assigned_at,
        released_at

    from {{ source('state', 'registry') }}
{%- endmacro %}

{#- What has become of customers up to the release before. State of identity itself, too. -#}
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

{#- Whom the release before published. -#}
{% macro customers_before() -%}
    select customer_id

    from {{ source('state', 'published_customers') }}
{%- endmacro %}

{#- A customer_id for a founding account. `generation` counts the assignments the account has had,
    so that an id that lives on with others is never given out again. -#}
{% macro mint_customer_id(account_key, generation) -%}
    'c_' || substring({{ dbt.hash(account_key ~ " || ':' || " ~ text(generation)) }}, 1, 16)
{%- endmacro %}

{#- Names the rules that decided ownership; raise it when they change. -#}
{% macro identity_rule_version() -%} '1' {%- endmacro %}
