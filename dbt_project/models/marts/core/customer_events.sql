-- One row per event of any source in a customer's life.
with

events as (

    select * from {{ ref('int_customer_events_listed') }}

    where customer_id <> '{{ unknown_customer_id() }}'

),

final as (

    select
        customer_id,
        event_type,
        source,
        topic_code,
        amount,
        {{ number('score') }} as score,
        occurred_at

    from events

)

select * from final
