-- One row per identifier, day and site (id_type, id_key, usage_date, site_code), with the declared measures.
with

newest as (

    {#- The day decides the month. Said as part of the key, so that a reader of one month reads no
        other month's files: engines push a filter below a ranking only on what it is ranked within. #}
    {{ newest_rows(
        'network_usage_daily',
        ['id_type', 'id_key', 'usage_date', 'site_code', 'month'],
        repeated=repeated_usage(),
        repeated_by=['id_type', 'id_key', 'usage_date']
    ) }}

),

kept as (

    {{ without_erased('newest', at='usage_date') }}

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
