-- One row per month of the business in which sessions may count that the last build did not, or counted otherwise.
{{ config(materialized='view') }}
{%- if is_delivered('network_sessions') %}
with

compared as (

    select * from {{ ref('int_batches_compared') }}

    where source = 'network_sessions'

),

batches as (

    select * from {{ ref('stg_operations__batches') }}

),

superseded as (

    select * from {{ ref('stg_network__sessions_superseded') }}

),

months as (

    select
        month_start_date,
        {{ month_name('month_start_date') }} as month_name

    from {{ ref('int_months_listed') }}

),

-- Raw is by month in UTC. The first day of its months may be the last of the month before where people live; a session
-- may reach from any of the last 28 days, and a day more, into the next.
shifted as (

    {%- for shift in [-1, 0, 1] %}
    {{ 'union all' if not loop.first }}
    select
        compared.is_new,
        compared.built_as_of_date,
        cast({{ dbt.dateadd('month', shift, 'months.month_start_date') }} as date) as month_start_date

    from compared

    inner join months
        on compared.months like '%' || months.month_name || '%'
    {%- if shift != 0 %}

    inner join batches
        on compared.batch_id = batches.batch_id

    where
        {%- if shift < 0 %}
        batches.first_event_date <= months.month_start_date
        {%- else %}
        batches.last_event_date >= cast(
            {{ dbt.dateadd('day', -29, dbt.dateadd('month', 1, 'months.month_start_date')) }} as date
        )
        {%- endif %}
    {%- endif %}
    {%- endfor %}

),

-- What a new file superseded leaves the months that it counted in.
left_behind as (

    select
        superseded.started_at,
        coalesce(superseded.ended_at, superseded.started_at) as ended_at

    from superseded

    inner join compared
        on superseded._newest_batch_id = compared.batch_id

    where
        compared.is_new
        and compared.built_as_of_date > {{ beginning_of_days() }}

),

final as (

    select month_start_date from shifted

    where
        is_new
        or month_start_date >= {{ month_start('built_as_of_date') }}

    union

    select {{ business_month('started_at') }} as month_start_date from left_behind

    union

    select {{ business_month('ended_at') }} as month_start_date from left_behind

)

select * from final
{%- else %}
select month_start_date

from {{ ref('int_months_listed') }}

where false
{%- endif %}
