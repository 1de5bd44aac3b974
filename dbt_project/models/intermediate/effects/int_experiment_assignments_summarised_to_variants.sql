-- One row per experiment and variant: how many were assigned, and who of them can be measured when.
with

assignments as (

    select
        experiment_code,
        variant_code,
        count(*) as assignment_count,
        {{ whole("sum(case when customer_id = '" ~ unknown_customer_id() ~ "' then 1 else 0 end)") }} as unknown_count

    from {{ ref('int_experiment_assignments_resolved') }}

    group by experiment_code, variant_code

),

customers as (

    select * from {{ ref('int_experiment_assignments_selected_to_customers') }}

),

variants as (

    select
        experiment_code,
        variant_code,
        count(*) as assigned_count,
        {{ whole('sum(case when is_pending then 1 else 0 end)') }} as pending_count

    from customers

    where not has_two_variants

    group by experiment_code, variant_code

),

experiments as (

    select
        experiment_code,
        {{ whole('sum(case when has_two_variants then 1 else 0 end)') }} as two_variant_count,
        min(followed_until_date) as first_followed_date

    from customers

    group by experiment_code

),

final as (

    select
        assignments.experiment_code,
        assignments.variant_code,
        assignments.assignment_count,
        assignments.unknown_count,
        coalesce(variants.assigned_count, 0) as assigned_count,
        coalesce(variants.pending_count, 0) as pending_count,
        coalesce(experiments.two_variant_count, 0) as two_variant_count,
        experiments.first_followed_date

    from assignments

    left join variants
        on
            assignments.experiment_code = variants.experiment_code
            and assignments.variant_code = variants.variant_code

    left join experiments
        on assignments.experiment_code = experiments.experiment_code

)

select * from final
