-- One row per identifier and day that a batch beside the day's main one holds (id_type, id_key, usage_date).
with

beside as (

    {{ keys_beside_main_batch('network_usage_daily', ['id_type', 'id_key', 'usage_date'], day='usage_date') }}

),

final as (

    select
        id_type,
        id_key,
        usage_date,
        is_repeated

    from beside

)

select * from final
