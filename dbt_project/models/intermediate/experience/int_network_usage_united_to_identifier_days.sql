-- One row per identifier, day and site, and way it was told: as the day's total, or in sessions.
{{ config(materialized='view') }}
{%- set columns = ['id_type', 'id_key', 'usage_date', 'site_code', '_month'] %}
with

totals as (

    select * from {{ ref('stg_network__usage_daily') }}

),

sessions as (

    select * from {{ ref('int_network_sessions_summarised_to_identifier_days') }}

),

final as (

    select
        {{ of_relation('totals', columns) }},
        {{ measures_as_parts('totals') }}

    from totals
    {%- if is_delivered('network_sessions') %}

    union all

    select
        {{ of_relation('sessions', columns) }},
        {{ parts_untold('sessions') }}

    from sessions
    {%- endif %}

)

select * from final
