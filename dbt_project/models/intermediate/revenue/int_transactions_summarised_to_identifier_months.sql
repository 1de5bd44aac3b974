-- One row per identifier, business month, span of one owner in it, and currency.
{{ config(
    materialized='incremental',
    incremental_strategy=by_month_strategy(),
    partition_by=['month_start_date'],
    pre_hook="{{ forget_months('transactions', 'at', 'first_occurred_at', 'last_occurred_at') }}",
) }}
{%- set months = months_to_rebuild('transactions', 'at', 'first_occurred_at', 'last_occurred_at') %}
with

transactions as (

    select * from {{ ref('int_transactions_converted') }}

    where
        {{ is_in_raw_months(months, at='occurred_at') }}
        and {{ is_in_months(months) }}

),

pieces as (

    {{ ownership_pieces('at', months) }}

),

final as (

    select
        transactions.id_type,
        transactions.id_key,
        transactions.month_start_date,
        pieces.piece_from as piece_from_at,
        transactions.currency,
        {{ exact_money('sum(transactions.revenue)') }} as revenue,
        sum(transactions.revenue) <> round(sum(transactions.revenue), 2) as is_fractional,
        count(*) as transaction_count,
        {{ whole('sum(case when transactions.is_converted then 0 else 1 end)') }} as unconverted_count,
        min(transactions.occurred_at) as first_occurred_at,
        max(transactions.occurred_at) as last_occurred_at,
        max(
            case when {{ is_purchase('transactions.transaction_type') }} then transactions.occurred_at end
        ) as last_purchase_at

    from transactions

    {{ join_pieces('transactions', 'occurred_at') }}

    group by
        transactions.id_type,
        transactions.id_key,
        transactions.month_start_date,
        pieces.piece_from,
        transactions.currency

)

select * from final
