-- One row per identifier, day and site (id_type, id_key, usage_date, site_code), with the declared measures.
with

newest as (

    {{ newest_rows('network_usage_daily', superseded=ref('stg_network__usage_superseded')) }}

),

kept as (

    {{ without_erased('newest', day='usage_date') }}

),

final as (

    select
        id_type,
        id_key,
        usage_date,
        site_code,
        {%- for measure in var('measures') %}
        {{ measure.name }},
        {%- endfor %}
        month as _month,
        _batch_id,
        _feed

    from kept

    where {{ day_is_by_as_of('usage_date') }}

)

select * from final
