{#- The newest accepted rows of an identity source: of the accounts of the relation `accounts`, all of whose
    few versions are ranked, or of everybody when there is nothing to go on from. `touched` is a relation of
    the rows of those accounts, where there is one. -#}
{% macro newest_touched_rows(source_name, keys, accounts, known='true', touched=none) -%}
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
