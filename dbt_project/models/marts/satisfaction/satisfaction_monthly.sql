-- One row per month, question role and segment that was invited or answered: the score, and how sure it is.
with

estimates as (

    select * from {{ source('estimates', 'satisfaction_monthly') }}

),

final as (

    select
        month_start_date,
        question_role,
        segment_type,
        segment_code,
        invited_count,
        response_count,
        response_count - invited_response_count as uninvited_response_count,
        {{ rounded('total_weight', 4) }} as total_weight,
        {{ ratio('invited_response_count', 'invited_count') }} as response_ratio,
        {{ whole('round(effective_response_count)') }} as effective_response_count,
        {%- for figure in [
            'design_effect', 'score_mean_unweighted', 'score_mean', 'score_standard_error', 'nps',
            'nps_standard_error', 'top_box_ratio', 'bias_low', 'bias_high'
        ] %}
        {{ rounded(figure, 4) }} as {{ figure }},
        {%- endfor %}
        is_small_cell,
        {{ rounded('change_from_previous', 4) }} as change_from_previous,
        {{ rounded('change_p_value', 6, 9) }} as change_p_value

    from estimates

)

select * from final
