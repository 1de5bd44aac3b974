-- One row per experiment, services held and cancelled a horizon ago, and variant assigned since: who took it then.
with

customers as (

    select * from {{ ref('int_services_listed_to_customers') }}

    where origin_number = {{ (service_origins() | length) - 1 }}

),

assignments as (

    select
        experiment_code,
        customer_id,
        variant_code as product_code,
        {{ business_date('assigned_at') }} as shown_date

    from {{ ref('int_experiment_assignments_selected_to_customers') }}

    where not has_two_variants

),

taken as (

    select distinct
        assignments.experiment_code,
        assignments.customer_id

    from assignments

    inner join {{ ref('int_subscriptions_resolved') }} as subscriptions
        on
            assignments.customer_id = subscriptions.customer_id
            and assignments.product_code = subscriptions.product_code
            and assignments.shown_date <= subscriptions.started_date

    where subscriptions.is_new_service and {{ day_is_by_as_of('subscriptions.started_date') }}

),

final as (

    select
        assignments.experiment_code,
        customers.held_codes,
        customers.cancelled_codes,
        assignments.product_code,
        {{ whole('count(*)') }} as customer_count,
        {{ whole('count(taken.customer_id)') }} as taken_count

    from assignments

    inner join customers
        on
            assignments.customer_id = customers.customer_id
            and assignments.shown_date > customers.origin_date

    left join taken
        on
            assignments.experiment_code = taken.experiment_code
            and assignments.customer_id = taken.customer_id

    group by
        assignments.experiment_code,
        customers.held_codes,
        customers.cancelled_codes,
        assignments.product_code

)

select * from final
