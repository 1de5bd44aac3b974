-- One row per pair of customers between which accounts moved that linkage found alike (from_customer_id, to_customer_id, cause).
with

beside as (

    select * from {{ ref('int_account_neighbours_changed') }}

),

proposed as (

    select * from {{ ref('int_links_judged') }}

),

final as (

    select
        beside.from_customer_id,
        beside.to_customer_id,
        'likeness' as id_type,
        case
            when beside.change_type = 'split' and proposed.is_linked then 'in a group too large for one person'
            when proposed.is_linked then proposed.evidence
            else proposed.verdict
        end as cause

    from beside

    inner join proposed
        on
            least(beside.account_key, beside.other_account_key) = proposed.account_key
            and greatest(beside.account_key, beside.other_account_key) = proposed.other_account_key

    where beside.change_type = 'split' or proposed.is_linked

    group by 1, 2, 3, 4

)

select * from final
