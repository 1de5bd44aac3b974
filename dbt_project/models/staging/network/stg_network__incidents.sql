-- One row per incident of a site (incident_id).
with

newest as (

    {{ newest_rows('network_incidents', ['incident_id']) }}

),

final as (

    select
        incident_id,
        site_code,
        started_at,
        ended_at,
        severity_code,
        cause_type,
        _batch_id,
        _feed

    from newest

    where {{ happened_by_as_of('started_at') }}

)

select * from final
