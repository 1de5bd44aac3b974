-- One row per customer with a contact.
with

months as (

    select * from {{ ref('int_interactions_summarised_to_customer_months') }}

),

final as (

    select
        customer_id,
        coalesce(max(last_complaint_date) > {{ as_of_day_minus(30) }}, false) as has_complained,
        max(last_complaint_date) as last_complaint_date,
        min(first_occurred_at) as first_occurred_at,
        max(last_occurred_at) as last_occurred_at

    from months

    group by customer_id

)

select * from final
