{#- A credit in the reporting currency, to the cent, half up: the price of the share of the day that was lost, times the
    factor of the policy, within its least and most. In whole numbers, so that a half cent is exactly one: a price of a
    month in cents is 12 / 365 of it a day; minutes are in millionths, the factor in hundredths. -#}
{% macro credit_amount(monthly_price, minutes) -%}
    {%- set policy = var('policy').recovery -%}
    {%- set factor = (policy.factor * 100) | round | int -%}
    {%- set whole_price = 'cast(' ~ saydo.price(monthly_price) ~ ' * 100 as decimal(38, 0))' -%}
    {%- set whole_minutes = 'cast(' ~ saydo.exact_number(minutes) ~ ' * 1000000 as decimal(38, 0))' -%}
    {%- set per_cent = 365 * 1440 * 1000000 * 100 -%}
    {%- set cents = saydo.whole_quotient(
        '(2 * 12 * ' ~ factor ~ ' * ' ~ whole_price ~ ' * ' ~ whole_minutes ~ ' + ' ~ per_cent ~ ')', 2 * per_cent
    ) -%}
    cast(
        least(
            greatest(cast({{ cents }} as decimal(38, 0)) * cast(0.01 as decimal(3, 2)), {{ '%.2f' % policy.min_credit }}),
            {{ '%.2f' % policy.max_credit }}
        ) as decimal(18, 2)
    )
{%- endmacro %}
