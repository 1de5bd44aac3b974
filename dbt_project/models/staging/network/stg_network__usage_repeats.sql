-- One row per identifier and day that a batch beside the day's main one holds (id_type, id_key, usage_date).
{{ config(
    materialized='incremental',
    incremental_strategy=by_month_strategy(),
    partition_by=['_month'],
    pre_hook="{{ forget_delivered_months('network_usage_daily') }}",
) }}
{%- set months = delivered_months('network_usage_daily') if is_incremental() else none %}
with

beside as (

    {{ keys_beside_main_batch(
        'network_usage_daily',
        ['id_type', 'id_key', 'usage_date', 'month'],
        day='usage_date',
        known=is_in_raw_months(months) | replace('_month', 'delivered.month')
    ) }}

),

final as (

    select
        id_type,
        id_key,
        usage_date,
        is_repeated,
        month as _month

    from beside

)

select * from final
