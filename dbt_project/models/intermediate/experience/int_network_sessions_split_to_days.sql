-- One row per session and business day that it counts on (session_id, usage_date).
{{ config(materialized='view') }}
with

sessions as (

    select
        *,
        {{ business_date('started_at') }} as first_date,
        {{ business_date('coalesce(ended_at, started_at)') }} as last_date

    from {{ ref('stg_network__sessions') }}

),

-- From the first day to the last; the policy lets no session last longer than 28 days.
numbered as (

    {{ dbt.generate_series(30) }}

),

days as (

    select
        sessions.*,
        cast({{ dbt.dateadd('day', 'cast(numbered.generated_number as integer) - 1', 'sessions.first_date') }} as date)
            as usage_date

    from sessions

    inner join numbered
        on numbered.generated_number <= {{ dbt.datediff('sessions.first_date', 'sessions.last_date', 'day') }} + 1

    where sessions.last_date > sessions.first_date

),

-- Each day goes on where the one before it ends, whatever clocks do at midnight.
bounded as (

    select
        *,
        case
            when usage_date = first_date then started_at
            else least(ended_at, greatest(started_at, {{ start_of_day('usage_date') }}))
        end as from_at,
        case
            when usage_date = last_date then ended_at
            else least(ended_at, greatest(started_at, {{ start_of_day(day_after('usage_date')) }}))
        end as to_at

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
        {%- for measure in var('measures') %}
        {{ measure.name }},
        {%- endfor %}
        started_at,
        ended_at,
        _month

    from sessions

    where last_date <= first_date

    union all

    -- What happened in the session counts on its first day; time is each day's own.
    select
        session_id,
        id_type,
        id_key,
        usage_date,
        site_code,
        {%- for measure in var('measures') %}
        {%- if measure.is_duration %}
        {{ part_of_duration(measure.name, 'started_at', 'ended_at', 'from_at', 'to_at') }} as {{ measure.name }},
        {%- else %}
        case when usage_date = first_date then {{ measure.name }} end as {{ measure.name }},
        {%- endif %}
        {%- endfor %}
        started_at,
        ended_at,
        _month

    from bounded

    where from_at < to_at or usage_date = first_date

)

select * from final
