{#- Transactions that were delivered more than once: worked out once beside the model that needs them,
    and part of it, so that staging still reads nothing but sources. -#}
{% macro repeated_transactions() -%}
    {{- return(ref('stg_transactions__transaction_repeats')) -}}
{%- endmacro %}
