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
        cast(round({{ share }}, 6) as decimal(9, 6)) as {{ share }},
        {%- endfor %}
        {{ number('mean_weight') }} as mean_weight,
        {{ number('max_weight') }} as max_weight,
        is_collapsed,
        iteration_count,
        is_converged

    from estimates

)

select * from final
