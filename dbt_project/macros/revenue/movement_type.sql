{#- What moved between two amounts of recurring revenue; null if nothing did. Whether one pays is asked
    before amounts are compared, so that coming back is never taken for paying more. An amount below
    nothing (a discount larger than what it discounts) is not paid. -#}
{% macro movement_type(opening, closing, first_paid, month) -%}
    case
        when {{ opening }} = {{ closing }} then null
        when {{ opening }} <= 0 and {{ closing }} > 0 and {{ first_paid }} < {{ month }} then 'reactivation'
        when {{ opening }} <= 0 and {{ closing }} > 0 then 'new'
        when {{ opening }} > 0 and {{ closing }} <= 0 then 'churn'
        when {{ opening }} < {{ closing }} then 'expansion'
        else 'contraction'
    end
{%- endmacro %}

{#- Sums of the bridge from what months open with to what they close with, over rows with `movement_type`,
    `opening_amount` and `closing_amount`: (name, expression). -#}
{% macro bridge_sums() -%}
    {%- set moved = {'new': 'new', 'expansion': 'expansion', 'contraction': 'contraction',
                     'churned': 'churn', 'reactivation': 'reactivation'} -%}
    {%- set sums = [('opening_mrr', 'opening_amount')] -%}
    {%- for name, type in moved.items() -%}
        {%- set change = 'opening_amount - closing_amount' if type in ('churn', 'contraction') else 'closing_amount - opening_amount' -%}
        {%- do sums.append((name ~ '_mrr', "case when movement_type = '" ~ type ~ "' then " ~ change ~ " else 0 end")) -%}
    {%- endfor -%}
    {%- do sums.append(('closing_mrr', 'closing_amount')) -%}
    {{- return(sums) -}}
{%- endmacro %}

{#- Counts of customers along the same bridge. -#}
{% macro bridge_counts() -%}
    {{- return([
        ('opening_customer_count', 'opening_amount > 0'),
        ('new_customer_count', "movement_type = 'new'"),
        ('churned_customer_count', "movement_type = 'churn'"),
        ('reactivated_customer_count', "movement_type = 'reactivation'"),
        ('closing_customer_count', 'closing_amount > 0'),
    ]) -}}
{%- endmacro %}
