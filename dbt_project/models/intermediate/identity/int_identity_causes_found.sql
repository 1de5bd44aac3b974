-- One row per pair of customers between which accounts moved, and kind of identifier (from_customer_id, to_customer_id, id_type, cause).
with

beside as (

    select * from {{ ref('int_account_neighbours_changed') }}

),

-- Few accounts change their customer in a day: only what they and those beside them held is looked at.
concerned as (

    select account_key
    from beside

    union

    select other_account_key as account_key
    from beside

),

linked as (

    select * from {{ ref('int_accounts_linked') }}

    where {{ is_among('account_key', 'concerned') }}

),

spans as (

    select * from {{ ref('int_identifiers_spanned') }}

    where {{ is_among('account_key', 'concerned') }}

),

alike as (

    select * from {{ ref('int_identity_likeness_found') }}

),

counted as (

    select * from {{ ref('int_identifiers_counted') }}

    where {{ is_among('id_key', 'spans') }}

),

-- What both of a pair ever held, and what came of it.
final as (

    select
        beside.from_customer_id,
        beside.to_customer_id,
        mine.id_type,
        case
            when beside.change_type = 'split' and linked.is_linked then 'in a group too large for one person'
            when linked.verdict is not null then linked.verdict
            when counted.is_placeholder then 'placeholder'
            when counted.is_over_limit then 'shared by too many'
            else 'never held by both at one time'
        end as cause

    from beside

    inner join spans as mine
        on beside.account_key = mine.account_key

    inner join spans as theirs
        on
            beside.other_account_key = theirs.account_key
            and mine.id_type = theirs.id_type
            and mine.id_key = theirs.id_key

    left join linked
        on
            least(mine.account_key, theirs.account_key) = linked.account_key
            and greatest(mine.account_key, theirs.account_key) = linked.other_account_key
            and mine.id_type = linked.id_type
            and mine.id_key = linked.id_key

    left join counted
        on
            mine.id_type = counted.id_type
            and mine.id_key = counted.id_key

    where beside.change_type = 'split' or linked.is_linked

    group by 1, 2, 3, 4

    union all

    select
        from_customer_id,
        to_customer_id,
        id_type,
        cause

    from alike

)

select * from final
