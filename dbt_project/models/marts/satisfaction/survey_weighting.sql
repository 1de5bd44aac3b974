-- One row per month, question role, margin and level of it: who answered, and what weighting made of it.
with

estimates as (

    select * from {{ source('estimates', 'survey_weighting') }}

),

final as (

    select
        month_start_date,
        question_role,
        margin,
        level_code,
        response_count,
        {%- for share in ['population_share', 'sample_share_before', 'sample_share_after'] %}
        {{ rounded(share, 6, 9) }} as {{ share }},
        {%- endfor %}
        {{ rounded('mean_weight', 6, limit=largest_number()) }} as mean_weight,
        {{ rounded('max_weight', 6, limit=largest_number()) }} as max_weight,
        is_collapsed,
        iteration_count,
        is_converged

    from estimates

)

select * from final
