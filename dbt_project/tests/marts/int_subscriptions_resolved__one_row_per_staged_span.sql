-- A failure means that spans of subscriptions were lost or doubled. Resolve: a join in the model fans out or drops
-- rows.
with

made as (

    select count(*) as row_count from {{ ref('int_subscriptions_resolved') }}

),

given as (

    select count(*) as row_count from {{ ref('stg_transactions__subscriptions') }}

)

select
    made.row_count as made_count,
    given.row_count as given_count

from made

cross join given

where made.row_count <> given.row_count
