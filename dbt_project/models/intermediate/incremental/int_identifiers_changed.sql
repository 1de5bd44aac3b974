-- One row per identifier whose ownership differs from the last build, and customer who owns it now or did then (id_type, id_key, customer_id).
with

final as (

    {{ changed_rows('int_identifiers_resolved', 'id_type, id_key, customer_id') }}

)

select * from final
