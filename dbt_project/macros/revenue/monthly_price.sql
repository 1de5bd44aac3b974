{#- Monthly price of a subscription in the reporting currency, to the cent, half up; null without a rate.

    Weeks are 52 in 12 months and days 365; the price covers `interval_count` intervals, one if none or
    nothing sensible is given. `relation` holds the columns of a subscription. Computed in whole numbers
    of millionths, so that a half cent is exactly one, whatever an engine makes of 1.825, and so that the
    largest price at the largest rate fits: 2 * 10^18 * 10^17 * 365 < 10^38. -#}
{% macro monthly_price(relation, rate) -%}
    {%- set whole_amount = 'cast(cast(abs(' ~ relation ~ '.recurring_amount) as decimal(38, 6)) * 1000000 as decimal(38, 0))' -%}
    {%- set whole_rate = 'cast(cast(' ~ rate ~ ' as decimal(38, 8)) * 100000000 as decimal(38, 0))' -%}
    {{ saydo.price(
        'case when ' ~ relation ~ '.recurring_amount < 0 then -0.01 else 0.01 end * cast('
        ~ saydo.whole_quotient(
            '(2 * ' ~ whole_amount ~ ' * ' ~ whole_rate ~ ' * ' ~ saydo.intervals_per_year(relation ~ '.billing_interval')
            ~ ' + ' ~ saydo.twelve_intervals(relation) ~ ')',
            '(2 * ' ~ saydo.twelve_intervals(relation) ~ ')'
        )
        ~ ' as decimal(38, 0))'
    ) }}
{%- endmacro %}

{% macro intervals_per_year(billing_interval) -%}
    case {{ billing_interval }}
        when 'day' then 365
        when 'week' then 52
        when 'month' then 12
        when 'quarter' then 4
        when 'year' then 1
    end
{%- endmacro %}

{#- Twelve times the interval count, in the units of amount times rate in cents: 10^(6 + 8 - 2). -#}
{% macro twelve_intervals(relation) -%}
    (cast(greatest(coalesce({{ relation }}.interval_count, 1), 1) as decimal(38, 0)) * 12000000000000)
{%- endmacro %}

{#- The rate of a row's currency, where `rates` does not hold the reporting currency itself. -#}
{% macro rate_of(currency, rate) -%}
    case when {{ currency }} = '{{ var("reporting_currency") }}' then 1 else {{ rate }} end
{%- endmacro %}
