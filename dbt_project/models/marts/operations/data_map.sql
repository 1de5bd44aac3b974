-- One row per edge of the way of the data, from delivered files to who reads a table.
-- saydo.lineage fills it when the last model is built: it tells of that model, too.
with

final as (

    select
        cast(null as {{ dbt.type_string() }}) as from_node,
        cast(null as {{ dbt.type_string() }}) as to_node,
        cast(null as {{ dbt.type_string() }}) as kind,
        cast(null as {{ dbt.type_string() }}) as owner,
        cast(null as {{ dbt.type_string() }}) as grade,
        cast(null as {{ dbt.type_string() }}) as freshness,
        cast(null as {{ dbt.type_string() }}) as description,
        cast(null as bigint) as row_count,
        cast(null as decimal(9, 2)) as seconds,
        cast(null as timestamp) as built_at

    from {{ ref('data_readiness') }}

    where 1 = 0

)

select * from final
