-- One row per kind of change of the inputs of identity since the last release.
with

input_changes as (

    select * from {{ source('state', 'input_changes') }}

),

final as (

    select change_type

    from input_changes

)

select * from final
