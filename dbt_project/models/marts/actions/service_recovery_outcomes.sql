-- One row per policy version, horizon and satisfaction band: the credited held against those left alone.
with

estimates as (

    select * from {{ source('estimates', 'recovery_outcomes') }}

),

final as (

    select
        'recovery' as policy_code,
        policy_version,
        horizon_days,
        satisfaction_band,
        credited_count,
        holdout_count,
        pending_count,
        {%- for outcome, digits, precision in [('churn', 6, 9), ('satisfaction', 4, 9), ('revenue', 2, 18)] %}
        {%- for figure in ['difference', 'ci_low', 'ci_high'] %}
        {{ rounded(outcome ~ '_' ~ figure, digits, precision) }} as {{ outcome }}_{{ figure }},
        {%- endfor %}
        {%- endfor %}
        why_not,
        is_measurable

    from estimates

)

select * from final
