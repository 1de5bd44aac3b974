-- One row per customer and span in which one plan was the one started last (customer_id, valid_from_at).
{{ config(materialized='view') }}
with

plans as (

    select * from {{ ref('int_subscriptions_resolved') }}

    where
        product_type = 'plan'
        and customer_id <> '{{ unknown_customer_id() }}'

),

followed as (

    select
        *,
        coalesce(
            lead(started_at) over (
                -- one row per subscription_id, started_at
                partition by customer_id
                order by started_at, subscription_id
            ), {{ end_of_time() }}
        ) as valid_to_at

    from plans

),

final as (

    select
        customer_id,
        product_code as plan_code,
        started_at as valid_from_at,
        valid_to_at

    from followed

    -- Of plans started at one instant the last counts.
    where valid_to_at > started_at

)

select * from final
