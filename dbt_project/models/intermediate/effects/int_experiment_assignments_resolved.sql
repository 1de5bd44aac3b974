-- One row per identifier that an experiment assigned, with the customer who owned it then.
with

assignments as (

    select * from {{ ref('stg_interactions__experiment_assignments') }}

),

final as (

    select
        assignments.experiment_code,
        assignments.id_type,
        assignments.id_key,
        {{ owner_customer_id() }} as customer_id,
        assignments.variant_code,
        assignments.assigned_at

    from assignments

    {{ join_customer('assignments', at='assignments.assigned_at') }}

)

select * from final
