-- One row per customer and span in which none of its slowly changing attributes changed (customer_id, valid_from_at).
{{ config(materialized='view') }}
{%- set attributes = ['plan_code', 'region_code', 'customer_type', 'satisfaction_band', 'customer_status'] %}
with

changes as (

    select * from {{ ref('int_attribute_changes_listed') }}

),

plans as (

    select * from {{ ref('int_plans_spanned_to_customers') }}

),

accounts as (

    select * from {{ ref('int_account_versions_spanned_to_customers') }}

),

bands as (

    select * from {{ ref('int_satisfaction_bands_spanned_to_customers') }}

),

statuses as (

    select * from {{ ref('int_statuses_spanned_to_customers') }}

),

states as (

    select
        changes.customer_id,
        changes.changed_at,
        plans.plan_code,
        accounts.region_code,
        accounts.customer_type,
        bands.satisfaction_band,
        coalesce(statuses.customer_status, 'never_subscribed') as customer_status

    from changes

    left join plans
        on
            changes.customer_id = plans.customer_id
            and changes.changed_at >= plans.valid_from_at
            and changes.changed_at < plans.valid_to_at

    left join accounts
        on
            changes.customer_id = accounts.customer_id
            and changes.changed_at >= accounts.valid_from_at
            and changes.changed_at < accounts.valid_to_at

    left join bands
        on
            changes.customer_id = bands.customer_id
            and changes.changed_at >= bands.valid_from_at
            and changes.changed_at < bands.valid_to_at

    left join statuses
        on
            changes.customer_id = statuses.customer_id
            and changes.changed_at >= statuses.valid_from_at
            and changes.changed_at < statuses.valid_to_at

),

compared as (

    select
        *,
        {%- for name in attributes %}
        lag({{ name }}) over (
            -- one row per customer_id, changed_at
            partition by customer_id
            order by changed_at
        ) as previous_{{ name }},
        {%- endfor %}
        lag(changed_at) over (
            -- one row per customer_id, changed_at
            partition by customer_id
            order by changed_at
        ) as previous_changed_at

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
