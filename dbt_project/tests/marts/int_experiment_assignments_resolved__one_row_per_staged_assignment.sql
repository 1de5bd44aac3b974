-- A failure means that assignments of staging were lost or doubled. Resolve: a join in the model fans out or drops rows.
with

made as (

    select count(*) as row_count from {{ ref('int_experiment_assignments_resolved') }}

),

given as (

    select count(*) as row_count from {{ ref('stg_interactions__experiment_assignments') }}

)

select
    made.row_count as made_count,
    given.row_count as given_count

from made

cross join given

where made.row_count <> given.row_count
