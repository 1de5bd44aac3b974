-- One row per contact between a person and the business (interaction_id).
with

newest as (

    {{ newest_rows('interactions', ['interaction_id']) }}

),

kept as (

    {{ without_erased('newest', at='occurred_at') }}

),

final as (

    select
        interaction_id,
        id_type,
        id_key,
        occurred_at,
        channel_code,
        interaction_type,
        topic_code,
        is_resolved,
        _batch_id,
        _feed

    from kept

    where {{ happened_by_as_of('occurred_at') }}

)

select * from final
