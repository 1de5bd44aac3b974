{#- Accounts to read again since the last build: worked out once beside the models that
    need them, and part of them, so that staging still reads nothing but sources. -#}
{% macro touched_accounts() -%}
    {{- return(ref('stg_identity__accounts_touched')) -}}
{%- endmacro %}

{#- What was ever delivered of the identifiers of those accounts: read from raw once, for two models. -#}
{% macro touched_identifier_rows() -%}
    {{- return(ref('stg_identity__identifier_rows_touched')) -}}
{%- endmacro %}

{#- The newest accepted rows of an identity source: of the touched accounts, all of whose few versions are
    ranked, or of everybody. `touched` is a relation of the rows of touched accounts, where there is one. -#}
{% macro newest_touched_rows(source_name, keys, known='true', touched=none) -%}
    {%- set accounts = saydo.touched_accounts() -%}
    {%- if saydo.identity_goes_on() -%}
    {{ saydo.newest_of(
        saydo.accepted_rows(
            source_name,
            '(' ~ known ~ ') and ' ~ saydo.is_touched('delivered.account_key', accounts),
            touched
        ),
        keys
    ) }}
    {%- else -%}
    {{ saydo.newest_rows(source_name, keys, known=known) }}
    {%- endif -%}
{%- endmacro %}
