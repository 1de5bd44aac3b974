-- One row per identifier, business day and site with sessions (id_type, id_key, usage_date, site_code).
{{ config(
    materialized='incremental',
    incremental_strategy=by_month_strategy(),
    partition_by=['month_start_date'],
    pre_hook="{{ forget_months('network_usage_daily') }}",
) }}
{%- set months = months_to_rebuild('network_usage_daily') %}
{%- set has_sessions = is_delivered('network_sessions') %}
{%- set has_totals = is_delivered('network_usage_daily') %}
{%- set key = ['id_type', 'id_key', 'usage_date', 'site_code'] %}
with

sessions as (

    select
        *,
        {{ month_start('usage_date') }} as month_start_date

    from {{ ref('int_network_sessions_split_to_days') }}

    where {{ is_in_raw_months(months, at='started_at', until='ended_at') if has_sessions else 'false' }}

),

-- The join below keeps them in memory, all of them: without a session, none.
totals as (

    select * from {{ ref('stg_network__usage_daily') }}

    where {{ is_in_raw_months(months) if has_sessions and has_totals else 'false' }}

),

days as (

    select
        id_type,
        id_key,
        usage_date,
        site_code,
        month_start_date,
        {{ aggregate_measures('sessions') }}

    from sessions

    where {{ is_in_months(months) }}

    group by
        id_type,
        id_key,
        usage_date,
        site_code,
        month_start_date

),

-- A total of the day has counted its sessions: of what it says, they say nothing.
final as (

    select
        days.id_type,
        days.id_key,
        days.usage_date,
        days.site_code,
        {{ parts_untold('days', 'totals' if has_totals else none) }},
        {{ 'totals.id_key is not null' if has_totals else 'false' }} as has_total,
        days.month_start_date,
        {{ month_name('days.month_start_date') }} as _month

    from days
    {%- if has_totals %}

    left join totals
        on {{ same('days', 'totals', key) }}
    {%- endif %}

)

select * from final
