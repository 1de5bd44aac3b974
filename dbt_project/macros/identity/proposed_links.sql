{#- What linkage proposed in this run (saydo.identity.linkage): pairs of accounts, the smaller key first,
    and what a person decided about them. No staging model stands before it, because it is made from
    staging. -#}
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
