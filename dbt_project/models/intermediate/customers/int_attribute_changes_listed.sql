-- One row per customer and instant at which a slowly changing attribute may have changed (customer_id, changed_at).
{{ config(materialized='view') }}
with

customers as (

    select * from {{ ref('int_customers_resolved') }}

),

observed as (

    select * from {{ ref('int_customers_observed') }}

),

-- Several attributes may change at one instant.
final as (

    select
        customers.customer_id,
        coalesce(
            least(customers.first_account_opened_at, observed.first_seen_at),
            customers.first_event_at,
            {{ beginning_of_time() }}
        ) as changed_at

    from customers

    left join observed
        on customers.customer_id = observed.customer_id
    {%- for model in [
        'int_plans_spanned_to_customers',
        'int_account_versions_spanned_to_customers',
        'int_satisfaction_bands_spanned_to_customers',
        'int_statuses_spanned_to_customers',
    ] %}

    union

    select
        customer_id,
        valid_from_at as changed_at

    from {{ ref(model) }}

    where valid_from_at > {{ beginning_of_time() }}
    {%- endfor %}

)

select * from final
