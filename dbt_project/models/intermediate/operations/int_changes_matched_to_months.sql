-- One row per month, or the as-of day, and change of the inputs since the last release that may have moved it.
with

changes as (

    select * from {{ ref('stg_operations__release_changes') }}

),

batches as (

    select * from {{ ref('stg_operations__batches') }}

),

customer_months as (

    select * from {{ ref('int_customer_months_listed') }}

),

figures as (

    select * from {{ ref('int_figures_published') }}

),

-- Who is who, spans and rules move any month: only what happens at a time says which.
dated as (

    select
        changes.change_type,
        changes.batch_id,
        batches.months,
        batches.first_event_date,
        batches.last_event_date,
        coalesce(
            batches.months <> '' and batches.source in (
                'survey_invitations', 'survey_responses', 'transactions', 'network_usage_daily',
                'network_sessions', 'interactions'
            ),
            false
        ) as is_dated

    from changes

    left join batches
        on changes.batch_id = batches.batch_id

),

months as (

    select month_start_date from customer_months

    union

    select month_start_date from figures

    where month_start_date is not null

),

-- Months of batches are UTC and these the business's own: at the edge a day of the next one is of this.
beside as (

    select
        month_start_date,
        cast({{ dbt.dateadd('month', 1, 'month_start_date') }} as date) as next_start_date,
        cast({{ dbt.dateadd('day', -1, 'month_start_date') }} as date) as previous_end_date

    from months

),

matched as (

    select
        beside.month_start_date,
        dated.change_type,
        dated.batch_id,
        dated.is_dated,
        not dated.is_dated
        or dated.months like '%' || {{ month_name('beside.month_start_date') }} || '%'
        {%- if var('business_timezone') != 'UTC' %}
        or (
            dated.months like '%' || {{ month_name('beside.next_start_date') }} || '%'
            and dated.first_event_date <= beside.next_start_date
        )
        or (
            dated.months like '%' || {{ month_name('beside.previous_end_date') }} || '%'
            and dated.last_event_date >= beside.previous_end_date
        )
        {%- endif %} as is_touching

    from beside

    cross join dated

),

touched as (

    select month_start_date

    from matched

    where is_dated and is_touching

    group by month_start_date

),

-- A row that moved to another month is missed in the month it left: without a file of the month, all may be why.
final as (

    select
        matched.month_start_date,
        matched.change_type,
        matched.batch_id

    from matched

    left join touched
        on matched.month_start_date = touched.month_start_date

    where matched.is_touching or touched.month_start_date is null

    union all

    select
        {{ beginning_of_days() }} as month_start_date,
        change_type,
        batch_id

    from changes

)

select * from final
