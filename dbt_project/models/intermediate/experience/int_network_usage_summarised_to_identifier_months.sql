-- One row per identifier, calendar month, and piece of the month with one owner.
{{ config(
    materialized='incremental',
    incremental_strategy=by_month_strategy(),
    partition_by=['month_start_date'],
    meta={'step_sources': ['network_usage_daily', 'network_sessions']},
    pre_hook="{{ forget_months('network_usage_daily', 'date', 'first_usage_date', 'last_usage_date') }}",
) }}
{%- set months = months_to_rebuild('network_usage_daily', 'date', 'first_usage_date', 'last_usage_date') %}
with

usage as (

    select
        *,
        {{ month_start('usage_date') }} as month_start_date

    from {{ ref('int_network_usage_united_to_identifier_days') }}

    where
        {{ is_in_raw_months(months) }}
        and {{ is_in_step() }}

),

pieces as (

    {{ ownership_pieces('date', months) }}

),

final as (

    select
        usage.id_type,
        usage.id_key,
        usage.month_start_date,
        pieces.piece_from as piece_from_date,
        {{ reaggregate_measures('usage') }},
        {{ day_set('usage.usage_date') }} as day_set,
        count(*) as usage_count,
        min(usage.usage_date) as first_usage_date,
        max(usage.usage_date) as last_usage_date

    from usage

    {{ join_pieces('usage', 'usage_date') }}

    group by
        usage.id_type,
        usage.id_key,
        usage.month_start_date,
        pieces.piece_from

)

select * from final
