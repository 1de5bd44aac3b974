-- One row per customer and business month with a contact.
with

interactions as (

    select * from {{ ref('int_interactions_resolved') }}

),

final as (

    select
        customer_id,
        {{ month_start('occurred_date') }} as month_start_date,
        count(*) as contact_count,
        {{ whole('sum(case when is_complaint then 1 else 0 end)') }} as complaint_count,
        min(occurred_at) as first_occurred_at,
        max(occurred_at) as last_occurred_at,
        max(case when is_complaint then occurred_date end) as last_complaint_date

    from interactions

    group by
        customer_id,
        {{ month_start('occurred_date') }}

)

select * from final
