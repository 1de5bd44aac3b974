-- One row per large source, or the calendar, and month that has to be built again (source, month_start_date).
with

delivered as (

    select * from {{ ref('int_months_delivered') }}

),

left_behind as (

    select * from {{ ref('int_transactions_redelivered') }}

),

sessions as (

    select * from {{ ref('int_network_sessions_matched_to_months') }}

),

months as (

    select * from {{ ref('int_months_listed') }}

),

last_build as (

    select min(built_as_of_date) as built_as_of_date

    from {{ ref('int_batches_compared') }}

),

raw_months as (

    select
        source,
        month_start_date

    from delivered

    union

    select
        source,
        month_start_date

    from left_behind

    union

    select
        'network_usage_daily' as source,
        month_start_date

    from sessions

),

-- Raw is partitioned by month in UTC, and transactions are summed by month of the business: rows near the edge of a raw
-- month may be in the month before or after it.
shifted as (

    {%- for shift in ([-1, 0, 1] if var('business_timezone') != 'UTC' else [0]) %}
    {{ 'union' if not loop.first }}
    select
        source,
        cast({{ dbt.dateadd('month', shift, 'month_start_date') }} as date) as month_start_date

    from raw_months
    {%- if shift != 0 %}

    where source = 'transactions'
    {%- endif %}
    {%- endfor %}

),

final as (

    select
        source,
        month_start_date

    from shifted

    where month_start_date <= {{ as_of_date() }}

    union all

    -- The as-of day has moved through these months, whether or not anything was delivered for them.
    select
        'calendar' as source,
        months.month_start_date

    from months

    inner join last_build
        on months.month_start_date >= {{ month_start('last_build.built_as_of_date') }}

)

select * from final
