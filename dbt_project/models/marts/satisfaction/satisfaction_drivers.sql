-- One row per feature and band that satisfaction is predicted from, and one for the intercept.
with

estimates as (

    select * from {{ source('estimates', 'satisfaction_drivers') }}

),

final as (

    select
        feature,
        band,
        {{ rounded('lower_bound', 6, limit=largest_number()) }} as lower_bound,
        {{ rounded('upper_bound', 6, limit=largest_number()) }} as upper_bound,
        {{ driver_points('points') }} as points,
        {{ driver_points('standard_error') }} as standard_error,
        customer_count,
        answer_count,
        {{ driver_points('out_of_fold_error') }} as out_of_fold_error,
        direction_expected,
        model_version,
        is_intercept

    from estimates

)

select * from final
