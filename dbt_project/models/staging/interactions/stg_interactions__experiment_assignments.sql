-- One row per identifier that an experiment assigned to a variant (experiment_code, id_type, id_key).
with

newest as (

    {{ newest_rows('experiment_assignments', ['experiment_code', 'id_type', 'id_key']) }}

),

kept as (

    {{ without_erased('newest', at='assigned_at') }}

),

final as (

    select
        experiment_code,
        id_type,
        id_key,
        variant_code,
        assigned_at,
        _batch_id,
        _feed

    from kept

    where {{ happened_by_as_of('assigned_at') }}

)

select * from final
