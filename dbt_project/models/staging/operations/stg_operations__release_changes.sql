-- One row per batch that came or went since the last release, and per kind of other change of its inputs.
with

release_changes as (

    select * from {{ source('state', 'release_changes') }}

),

final as (

    select
        change_type,
        batch_id

    from release_changes

)

select * from final
