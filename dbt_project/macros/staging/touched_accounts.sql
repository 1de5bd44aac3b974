{#- Accounts to read again since the last build: worked out once beside the models that
    need them, and part of them, so that staging still reads nothing but sources. -#}
{% macro touched_accounts() -%}
    {{- return(ref('stg_identity__accounts_touched')) -}}
{%- endmacro %}
