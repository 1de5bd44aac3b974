{#- What each span of a subscription adds to each month it was open in, of the CTE `months` (customer_id,
    month_start_date, counted_until_at). Reads the CTEs `subscriptions`, with `open_until_at`, and `rates`.

    A price counts at the rate of the month's end: what a month opens with is what the one before closed
    with. A span ends before `ended_at`: what ends with the month was active at its end. -#}
{% macro placed_spans() -%}
    select
        months.customer_id,
        months.month_start_date,
        subscriptions.subscription_id,
        subscriptions.product_code,
        subscriptions.product_type,
        subscriptions.currency,
        subscriptions.end_reason_code,
        subscriptions.is_new_service as begins_service,
        {{ saydo.monthly_price('subscriptions', '1') }} as own_amount,
        {%- for month in ['closing', 'opening'] %}
        case
            when subscriptions.currency = '{{ var("reporting_currency") }}' then subscriptions.monthly_amount
            else {{ saydo.monthly_price('subscriptions', month ~ '_rates.rate') }}
        end as {{ month }}_amount,
        {%- endfor %}
        subscriptions.started_local_at < cast(months.month_start_date as timestamp) as was_open_before,
        subscriptions.open_until_at >= months.counted_until_at as is_open_at_end,
        subscriptions.is_new_service
        and subscriptions.started_local_at >= cast(months.month_start_date as timestamp) as is_new_service

    from months

    inner join subscriptions
        on
            months.customer_id = subscriptions.customer_id
            and subscriptions.started_local_at < months.counted_until_at
            and subscriptions.open_until_at >= cast(months.month_start_date as timestamp)

    left join rates as closing_rates
        on
            subscriptions.currency = closing_rates.currency_code
            and months.month_start_date = closing_rates.month_start_date

    left join rates as opening_rates
        on
            subscriptions.currency = opening_rates.currency_code
            and cast({{ dbt.dateadd('month', -1, 'months.month_start_date') }} as date) = opening_rates.month_start_date
{%- endmacro %}
