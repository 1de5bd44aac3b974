-- One row per span of a plan that began when another plan of the same customer ended (subscription_id, started_at).
{{ config(materialized='view') }}
with

plans as (

    select * from {{ ref('int_subscriptions_owned') }}

    where
        product_type = 'plan'
        and customer_id <> '{{ unknown_customer_id() }}'

),

final as (

    select
        plans.subscription_id,
        plans.started_at,
        max(case when earlier.product_code <> plans.product_code then 1 else 0 end) = 1 as is_plan_change

    from plans

    inner join plans as earlier
        on
            plans.customer_id = earlier.customer_id
            and earlier.started_at < plans.started_at
            and earlier.ended_at between
            {{ dbt.dateadd('day', -1, 'plans.started_at') }}
            and {{ dbt.dateadd('day', 1, 'plans.started_at') }}

    group by
        plans.subscription_id,
        plans.started_at

)

select * from final
