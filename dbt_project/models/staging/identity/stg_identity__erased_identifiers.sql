-- One row per identifier span of an erased person (id_type, id_key, erased_from_at, erased_to_at).
with

erased as (

    {{ erased_identifiers() }}

),

final as (

    select
        id_type,
        id_key,
        erased_from_at,
        erased_to_at

    from erased

)

select * from final
