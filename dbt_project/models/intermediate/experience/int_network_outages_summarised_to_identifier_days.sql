-- One row per identifier and day with an outage.
{{ config(
    materialized='incremental',
    incremental_strategy=by_month_strategy(),
    partition_by=['month_start_date'],
    pre_hook="{{ forget_months('network_usage_daily') }}",
) }}
{%- set outages = var('measures') | selectattr('name', 'equalto', 'outage_minutes') | first %}
with

usage as (

    select
        united.id_type,
        united.id_key,
        united.usage_date,
        {{ resolve_measure(outages, 'united') }} as outage_minutes,
        {{ month_start('united.usage_date') }} as month_start_date

    from {{ ref('int_network_usage_united_to_identifier_days') }} as united

    where {{ is_in_raw_months(months_to_rebuild('network_usage_daily')) }}

),

final as (

    select
        id_type,
        id_key,
        usage_date,
        month_start_date,
        -- Outages at several sites follow each other, up to the minutes that a day has.
        {{ number('least(1440, sum(outage_minutes))') }} as outage_minutes

    from usage

    where outage_minutes > 0

    group by
        id_type,
        id_key,
        usage_date,
        month_start_date

)

select * from final
