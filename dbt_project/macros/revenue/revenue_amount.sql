{#- Revenue of one transaction: charges and one-off purchases count, refunds and credits are taken
    off, payments settle and count nothing. Amounts are magnitudes: a refund of ten is 10, not -10. -#}
{% macro revenue_amount(transaction_type, amount) -%}
    case {{ transaction_type }}
        when 'charge' then {{ amount }}
        when 'one_off' then {{ amount }}
        when 'refund' then -{{ amount }}
        when 'credit' then -{{ amount }}
        else 0
    end
{%- endmacro %}

{#- The purchases of a customer: what moves `last_purchase_at`. -#}
{% macro is_purchase(transaction_type) -%}
    {{ transaction_type }} in ('charge', 'one_off')
{%- endmacro %}
