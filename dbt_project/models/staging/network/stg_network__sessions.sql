-- One row per session (session_id), with the declared measures.
with

newest as (

    {{ newest_rows('network_sessions', superseded=ref('stg_network__sessions_superseded')) }}

),

kept as (

    {{ without_erased('newest', at='started_at') }}

),

final as (

    select
        session_id,
        id_type,
        id_key,
        started_at,
        ended_at,
        site_code,
        {%- for measure in var('measures') %}
        {{ 'coalesce(session_count, 1) as session_count' if measure.name == 'session_count' else measure.name }},
        {%- endfor %}
        month as _month,
        _batch_id,
        _feed

    from kept

    where {{ happened_by_as_of('started_at') }}

)

select * from final
