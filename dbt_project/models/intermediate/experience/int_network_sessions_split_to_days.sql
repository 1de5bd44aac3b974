-- One row per session and business day that it counts on (session_id, usage_date).
{{ config(materialized='view') }}
with

sessions as (

    select * from {{ ref('stg_network__sessions') }}

),

days_listed as (

    select {{ day_after('calendar_date') }} as utc_date from {{ ref('int_days_listed') }}

),

-- What day it is where people live is dear to work out for each row: few days have bounds that many rows are held to.
bounds as (

    select
        utc_date,
        {{ start_of_day('utc_date') }} as begins_at,
        {{ start_of_day(day_after('utc_date')) }} as next_begins_at,
        {{ start_of_day(day_after(day_after('utc_date'))) }} as next_ends_at

    from days_listed

),

placed as (

    select
        sessions.*,
        case
            when sessions.started_at < bounds.begins_at then {{ day_before('bounds.utc_date') }}
            when sessions.started_at >= bounds.next_begins_at then {{ day_after('bounds.utc_date') }}
            else bounds.utc_date
        end as first_date,
        sessions.ended_at > case
            when sessions.started_at < bounds.begins_at then bounds.begins_at
            when sessions.started_at >= bounds.next_begins_at then bounds.next_ends_at
            else bounds.next_begins_at
        end as is_over_midnight

    from sessions

    inner join bounds
        on cast(sessions.started_at as date) = bounds.utc_date

),

-- The policy lets no session last longer than 28 days.
numbered as (

    {{ dbt.generate_series(30) }}

),

days as (

    select
        placed.*,
        cast({{ dbt.dateadd('day', 'cast(numbered.generated_number as integer) - 1', 'placed.first_date') }} as date)
            as usage_date

    from placed

    -- Its last day is the one in UTC, or the next.
    inner join numbered
        on numbered.generated_number <= {{ dbt.datediff('placed.first_date', day_after('placed.ended_at'), 'day') }} + 1

    where placed.is_over_midnight

),

bounded as (

    select
        *,
        greatest(started_at, {{ start_of_day('usage_date') }}) as from_at,
        least(ended_at, {{ start_of_day(day_after('usage_date')) }}) as to_at

    from days

    where {{ day_is_by_as_of('usage_date') }}

),

final as (

    select
        session_id,
        id_type,
        id_key,
        first_date as usage_date,
        site_code,
        {{ measures_listed('placed') }},
        started_at,
        ended_at,
        _month

    from placed

    where is_over_midnight is not true

    union all

    -- What happened in the session counts on its first day; time is each day's own.
    select
        session_id,
        id_type,
        id_key,
        usage_date,
        site_code,
        {{ measures_of_day() }},
        started_at,
        ended_at,
        _month

    from bounded

    where from_at < to_at

)

select * from final
