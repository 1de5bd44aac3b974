-- One row per month, question role, stated band and segment with an answer: how often they did what they said.
with

estimates as (

    select * from {{ source('estimates', 'stated_vs_actual_monthly') }}

),

final as (

    select
        month_start_date,
        question_role,
        stated_band,
        segment_type,
        segment_code,
        response_count,
        pending_count,
        response_count - pending_count as decided_count,
        paying_count,
        spending_count,
        {%- for figure in [
            'stay_ratio', 'stay_ratio_low', 'stay_ratio_high', 'spend_ratio', 'spend_ratio_low', 'spend_ratio_high',
            'buy_ratio', 'buy_ratio_low', 'buy_ratio_high', 'stated_ratio', 'calibration_gap', 'calibration_gap_low',
            'calibration_gap_high'
        ] %}
        {{ rounded(figure, 4, 9) }} as {{ figure }},
        {%- endfor %}
        is_small_cell

    from estimates

)

select * from final
