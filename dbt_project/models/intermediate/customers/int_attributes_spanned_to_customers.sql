-- One row per customer and span in which none of its slowly changing attributes changed (customer_id, valid_from_at).
{{ config(materialized='view') }}
{%- set families = {
    'plans': 'int_plans_spanned_to_customers',
    'accounts': 'int_account_versions_spanned_to_customers',
    'bands': 'int_satisfaction_bands_spanned_to_customers',
    'statuses': 'int_statuses_spanned_to_customers',
} %}
{%- set attributes = ['plan_code', 'region_code', 'customer_type', 'satisfaction_band', 'customer_status'] %}
with

customers as (

    select * from {{ ref('int_customers_resolved') }}

),

observed as (

    select * from {{ ref('int_customers_observed') }}

),

-- Instants at which something may have changed; several families may change at one.
instants as (

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
    {%- for model in families.values() %}

    union

    select
        customer_id,
        valid_from_at as changed_at

    from {{ ref(model) }}

    where valid_from_at > {{ beginning_of_time() }}
    {%- endfor %}

),

states as (

    select
        instants.customer_id,
        instants.changed_at,
        plans.plan_code,
        accounts.region_code,
        accounts.customer_type,
        bands.satisfaction_band,
        coalesce(statuses.customer_status, 'never_subscribed') as customer_status

    from instants
    {%- for family, model in families.items() %}

    left join {{ ref(model) }} as {{ family }}
        on
            instants.customer_id = {{ family }}.customer_id
            and instants.changed_at >= {{ family }}.valid_from_at
            and instants.changed_at < {{ family }}.valid_to_at
    {%- endfor %}

),

compared as (

    select
        *,
        {%- for name in ['changed_at'] + attributes %}
        lag({{ name }}) over (
            -- one row per customer_id, changed_at
            partition by customer_id
            order by changed_at
        ) as previous_{{ name }}{{ ',' if not loop.last }}
        {%- endfor %}

    from states

),

final as (

    select
        customer_id,
        {%- for name in attributes %}
        {{ name }},
        {%- endfor %}
        changed_at as valid_from_at,
        lead(changed_at) over (
            -- one row per customer_id, changed_at
            partition by customer_id
            order by changed_at
        ) as valid_to_at

    from compared

    where
        previous_changed_at is null
        {%- for name in attributes %}
        or previous_{{ name }} is distinct from {{ name }}
        {%- endfor %}

)

select * from final
