-- One row per large source, or the calendar itself, and month to make again since the last build.
with

batches as (

    select * from {{ ref('int_batches_compared') }}

    where source in ('transactions', 'network_usage_daily')

),

left_behind as (

    select * from {{ ref('int_transactions_redelivered') }}

),

months as (

    select
        month_start_date,
        {{ month_name('month_start_date') }} as month_name

    from {{ ref('int_months_listed') }}

),

last_build as (

    select min(built_as_of_date) as built_as_of_date

    from {{ ref('int_batches_compared') }}

),

-- The month the last build ended in has gone on, and others have begun: with or without deliveries.
calendar as (

    select
        'calendar' as source,
        months.month_start_date

    from months

    inner join last_build
        on months.month_start_date >= {{ month_start('last_build.built_as_of_date') }}

),

-- Where new files have rows; and what was delivered before its time has come up to the as-of day.
delivered as (

    select
        batches.source,
        months.month_start_date

    from batches

    inner join months
        on batches.months like '%' || months.month_name || '%'

    where
        batches.is_new
        or months.month_start_date >= {{ month_start('batches.built_as_of_date') }}

),

-- Raw months are UTC and those of transactions here the business's own: at the edge, both.
shifted as (

    {%- for shift in ([-1, 0, 1] if var('business_timezone') != 'UTC' else [0]) %}
    {{ 'union' if not loop.first }}
    select
        source,
        cast({{ dbt.dateadd('month', shift, 'month_start_date') }} as date) as month_start_date

    from delivered

    where source = 'transactions' {{ 'or true' if shift == 0 }}

    union

    select
        source,
        cast({{ dbt.dateadd('month', shift, 'month_start_date') }} as date) as month_start_date

    from left_behind
    {%- endfor %}

),

final as (

    select
        source,
        month_start_date

    from shifted

    where month_start_date <= {{ as_of_date() }}

    union all

    select
        source,
        month_start_date

    from calendar

)

select * from final
