{#- Monthly price of a subscription, to the cent. Weeks are 52 in 12 months and days 365; the price
    covers `interval_count` intervals. Computed in cents, where a half is exact, so that rounding
    half up does not depend on how an engine stores 1.825. -#}
{% macro monthly_price(amount, billing_interval, interval_count, rate) -%}
    cast(
        cast(
            round(
                {{ amount }} * 100 * {{ rate }} * case {{ billing_interval }}
                    when 'day' then 365
                    when 'week' then 52
                    when 'month' then 12
                    when 'quarter' then 4
                    when 'year' then 1
                end / (12 * coalesce(nullif({{ interval_count }}, 0), 1))
            )
            as decimal(18, 2)
        ) * 0.01
        as decimal(18, 2)
    )
{%- endmacro %}
