-- One row per month, group and stratum of the draw: how many were drawn, paid, and still pay three month ends later.
with

months as (

    select * from {{ ref('int_customer_months_measured') }}

),

drawn as (

    select
        *,
        cast({{ dbt.dateadd('month', 3, 'month_start_date') }} as date) as followed_month_start_date

    from {{ ref('int_survey_groups_selected_to_customer_months') }}

),

-- Somebody counts as staying only once the month is over.
followed as (

    select
        *,
        not ({{ day_is_by_as_of('cast(' ~ dbt.last_day('followed_month_start_date', 'month') ~ ' as date)') }}) as is_pending

    from drawn

),

placed as (

    select
        followed.month_start_date,
        followed.group_type,
        followed.survey_code,
        followed.design_weight,
        followed.draw_count,
        followed.is_pending,
        case when months.closing_mrr > 0 then months.closing_mrr else 0 end as closing_mrr,
        case
            when months.closing_mrr > 0 and later_months.closing_mrr > 0 then later_months.closing_mrr
            else 0
        end as closing_mrr_after

    from followed

    inner join months
        on
            followed.customer_id = months.customer_id
            and followed.month_start_date = months.month_start_date

    left join months as later_months
        on
            followed.customer_id = later_months.customer_id
            and followed.followed_month_start_date = later_months.month_start_date

),

final as (

    select
        month_start_date,
        group_type,
        survey_code,
        design_weight,
        draw_count,
        count(*) as customer_count,
        {{ whole('sum(case when closing_mrr > 0 then 1 else 0 end)') }} as paying_count,
        {{ whole('sum(case when is_pending then null when closing_mrr_after > 0 then 1 else 0 end)') }} as staying_count,
        {{ price('sum(' ~ price('closing_mrr') ~ ')') }} as total_mrr,
        {{ price('sum(case when not is_pending then ' ~ price('closing_mrr_after') ~ ' end)') }} as total_mrr_after,
        is_pending

    from placed

    group by
        month_start_date,
        group_type,
        survey_code,
        design_weight,
        draw_count,
        is_pending

)

select * from final
