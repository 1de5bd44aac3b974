-- One row per delivered row of network usage that a newer one supersedes (_batch_id, _line_number).
{{ config(
    materialized='incremental',
    incremental_strategy=by_month_strategy(),
    partition_by=['_month'],
    pre_hook="{{ forget_delivered_months('network_usage_daily') }}",
) }}
{%- set months = delivered_months('network_usage_daily') if is_incremental() else none %}
{%- set known = is_in_raw_months(months) | replace('_month', 'delivered.month') %}
with

superseded as (

    {{ superseded_rows(
        'network_usage_daily',
        ['id_type', 'id_key', 'usage_date', 'site_code'],
        repeated=keys_beside_main_batch(
            'network_usage_daily',
            ['id_type', 'id_key', 'usage_date'],
            day='usage_date',
            known=known
        ),
        repeated_by=['id_type', 'id_key', 'usage_date'],
        known=known
    ) }}

),

final as (

    select
        _batch_id,
        _line_number,
        _month

    from superseded

)

select * from final
