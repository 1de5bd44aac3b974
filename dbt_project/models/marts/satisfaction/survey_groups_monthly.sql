-- One row per month and group of those whom surveys drew: how many stay, and how far that is from those not asked.
with

estimates as (

    select * from {{ source('estimates', 'survey_groups_monthly') }}

),

final as (

    select
        month_start_date,
        group_type,
        customer_count,
        paying_count,
        staying_count,
        {%- for figure in [
            'stay_ratio', 'stay_ratio_low', 'stay_ratio_high', 'stay_difference', 'stay_difference_low',
            'stay_difference_high'
        ] %}
        cast(round({{ figure }}, 4) as decimal(9, 4)) as {{ figure }},
        {%- endfor %}
        cast(round(stay_difference_p_value, 6) as decimal(9, 6)) as stay_difference_p_value,
        {{ money('total_mrr') }} as total_mrr,
        {{ money('total_mrr_after') }} as total_mrr_after,
        cast({{ at_most('round(mrr_change_ratio, 4)', '99999') }} as decimal(9, 4)) as mrr_change_ratio,
        is_pending,
        is_small_cell

    from estimates

)

select * from final
