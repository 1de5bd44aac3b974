-- One row per contact between a customer and the business.
with

interactions as (

    select * from {{ ref('stg_interactions__interactions') }}

),

final as (

    select
        interactions.interaction_id,
        {{ owner_customer_id() }} as customer_id,
        interactions.channel_code,
        interactions.interaction_type,
        interactions.topic_code,
        interactions.interaction_type = 'complaint' as is_complaint,
        interactions.is_resolved,
        {{ business_date('interactions.occurred_at') }} as occurred_date,
        interactions.occurred_at

    from interactions

    {{ join_customer('interactions', at='interactions.occurred_at') }}

)

select * from final
