-- One row per customer, segment and span that releases of earlier days told, as it stood before this as-of day.
with

memberships as (

    select * from {{ ref('stg_operations__published_segment_memberships') }}

),

customers as (

    select customer_id from {{ ref('int_customers_resolved') }}

),

final as (

    select
        customers.customer_id,
        memberships.segment_code,
        case when {{ happened_by_as_of('memberships.left_at') }} then memberships.reason end as reason,
        memberships.entered_at,
        case when {{ happened_by_as_of('memberships.left_at') }} then memberships.left_at end as left_at

    from memberships

    inner join customers
        on memberships.held_customer = customers.customer_id

    -- What this day said before is said anew: a day that is built twice says what it would have said at once.
    where {{ happened_by_as_of('memberships.entered_at') }}

)

select * from final
