-- A failure means that customers were lost or doubled. Resolve: a join in the model fans out or drops rows.
with

made as (

    select count(*) as row_count from {{ ref('customer_profiles') }}

),

given as (

    select count(*) as row_count from {{ ref('int_customers_resolved') }}

)

select
    made.row_count as made_count,
    given.row_count as given_count

from made

cross join given

where made.row_count <> given.row_count
