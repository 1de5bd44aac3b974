-- One row per customer who paid at the end of a month that three more have followed: signals then, and what came.
with

months as (

    select * from {{ ref('int_customer_months_measured') }}

),

delivered as (

    select distinct month_start_date

    from months

    where traffic_mb is not null

),

-- Those of them that can be compared: the two before were delivered as well.
used as (

    select delivered.month_start_date

    from delivered

    {% for before in ['previous', 'second_previous'] -%}
    inner join delivered as {{ before }}
        on
            {{ before }}.month_start_date
            = cast({{ dbt.dateadd('month', -loop.index, 'delivered.month_start_date') }} as date)
    {% endfor %}
),

neighbours as (

    select
        *,
        {%- for column in ['region_code', 'latest_satisfaction_band', 'traffic_mb'] %}
        lag({{ column }}) over (
            -- one row per customer_id, month_start_date
            partition by customer_id
            order by month_start_date
        ) as previous_{{ column }},
        {%- endfor %}
        {%- for after in [1, 2, 3] %}
        abs(lead(closing_mrr, {{ after }}) over (
            -- one row per customer_id, month_start_date
            partition by customer_id
            order by month_start_date
        ) - closing_mrr) as mrr_moved_{{ after }},
        {%- endfor %}
        lag(traffic_mb, 2) over (
            -- one row per customer_id, month_start_date
            partition by customer_id
            order by month_start_date
        ) as second_previous_traffic_mb

    from months

),

compared as (

    select
        *,
        coalesce(traffic_mb, 0) as recent_mb,
        coalesce(previous_traffic_mb, 0) + coalesce(second_previous_traffic_mb, 0) as earlier_mb,
        greatest(mrr_moved_1, mrr_moved_2, mrr_moved_3) as mrr_moved

    from neighbours

    where closing_mrr > 0 and not {{ month_is_unfinished('month_start_date', 3) }}

),

final as (

    select
        compared.customer_id,
        compared.month_start_date,
        coalesce(changes.is_contract_ending, 0) as is_contract_ending,
        coalesce(changes.is_plan_changed, 0) as is_plan_changed,
        case
            when
                used.month_start_date is not null
                and compared.earlier_mb > 0
                and abs(2 * compared.recent_mb - compared.earlier_mb)
                >= {{ var('policy').profile.usage_shift_ratio }} * compared.earlier_mb
                then 1
            else 0
        end as is_usage_shift,
        case when compared.region_code <> compared.previous_region_code then 1 else 0 end as is_moved_region,
        case when compared.complaint_count > 0 then 1 else 0 end as is_complained,
        case
            when
                {{ band_rank('compared.satisfaction_band') }}
                < {{ band_rank('compared.previous_latest_satisfaction_band') }}
                then 1
            else 0
        end as is_band_fell,
        coalesce(changes.is_lapsed_add_on, 0) as is_lapsed_add_on,
        case
            when compared.mrr_moved >= {{ var('policy').flux.spend_change_ratio }} * compared.closing_mrr
                then 1
            else 0
        end as is_followed

    from compared

    left join used
        on compared.month_start_date = used.month_start_date

    left join {{ ref('int_flux_changes_found_to_customer_months') }} as changes
        on
            compared.customer_id = changes.customer_id
            and compared.month_start_date = changes.month_start_date

)

select * from final
