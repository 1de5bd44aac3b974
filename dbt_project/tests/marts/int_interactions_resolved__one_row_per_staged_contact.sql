-- A failure means that contacts of staging were lost or doubled. Resolve: a join in the model fans out or drops rows.
with

made as (

    select count(*) as row_count from {{ ref('int_interactions_resolved') }}

),

given as (

    select count(*) as row_count from {{ ref('stg_interactions__interactions') }}

)

select
    made.row_count as made_count,
    given.row_count as given_count

from made

cross join given

where made.row_count <> given.row_count
