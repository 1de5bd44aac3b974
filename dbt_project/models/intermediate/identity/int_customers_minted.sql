-- One row per customer that was given a new id since the last release (customer_id).
with

groups as (

    select * from {{ ref('int_groups_identified') }}

    where is_minted

),

-- A group that was not made again since still says that its id was new.
moved as (

    select * from {{ ref('int_accounts_moved') }}

),

final as (

    select
        moved.customer_id,
        count(moved.previous_customer_id) as known_account_count

    from groups

    inner join moved
        on groups.customer_id = moved.customer_id

    group by moved.customer_id

)

select * from final
