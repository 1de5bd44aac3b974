-- One row per experiment and customer whom it assigned: the variant, from when on, and until when it is measured.
{%- set horizon = var('policy').experiments.horizon_months %}
with

assignments as (

    select * from {{ ref('int_experiment_assignments_resolved') }}

    where customer_id <> '{{ unknown_customer_id() }}'

),

-- Whoever has several identifiers was assigned with the first of them.
assigned as (

    select
        experiment_code,
        customer_id,
        min(variant_code) as variant_code,
        min(assigned_at) as assigned_at,
        {{ business_month('min(assigned_at)') }} as month_start_date,
        count(distinct variant_code) > 1 as has_two_variants

    from assignments

    group by experiment_code, customer_id

),

followed as (

    select
        *,
        {{ last_day_before(dbt.dateadd('month', horizon + 1, 'month_start_date')) }} as followed_until_date

    from assigned

),

final as (

    select
        experiment_code,
        customer_id,
        case when not has_two_variants then variant_code end as variant_code,
        has_two_variants,
        not {{ day_is_by_as_of('followed_until_date') }} as is_pending,
        followed_until_date,
        month_start_date,
        assigned_at

    from followed

)

select * from final
