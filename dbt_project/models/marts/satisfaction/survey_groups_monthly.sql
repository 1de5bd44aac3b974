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
        {{ rounded(figure, 4, 9) }} as {{ figure }},
        {%- endfor %}
        {{ rounded('stay_difference_p_value', 6, 9) }} as stay_difference_p_value,
        {{ rounded('total_mrr', 2, limit=largest_money()) }} as total_mrr,
        {{ rounded('total_mrr_after', 2, limit=largest_money()) }} as total_mrr_after,
        {{ rounded('mrr_change_ratio', 4, 9, limit='99999') }} as mrr_change_ratio,
        is_pending,
        is_small_cell

    from estimates

)

select * from final
