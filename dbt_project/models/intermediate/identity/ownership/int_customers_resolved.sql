-- One row per customer known to any source (customer_id).
with

accounts as (

    select * from {{ ref('int_accounts_resolved') }}

),

pairs as (

    select * from {{ ref('int_accounts_linked') }}

),

identifiers as (

    select * from {{ ref('int_identifiers_resolved') }}

),

-- Customers with two accounts that an identifier contradicts: other accounts join them all the same.
contradicted as (

    select accounts.customer_id

    from pairs

    inner join accounts
        on pairs.account_key = accounts.account_key

    inner join accounts as others
        on
            pairs.other_account_key = others.account_key
            and accounts.customer_id = others.customer_id

    where pairs.verdict = 'contradicted'

    group by accounts.customer_id

),

held as (

    select
        customer_id,
        id_type,
        id_key,
        max(case when is_disputed then 1 else 0 end) as was_disputed

    from identifiers

    group by customer_id, id_type, id_key

),

identifiers_counted as (

    select
        customer_id,
        sum(case when id_type = 'account_id' then 0 else 1 end) as identifier_count,
        max(was_disputed) as was_disputed

    from held

    group by customer_id

),

accounts_counted as (

    select
        customer_id,
        count(*) as account_count,
        max(case when is_merge_refused then 1 else 0 end) as was_refused,
        min(opened_at) as first_account_opened_at,
        min(first_event_at) as first_event_at

    from accounts

    group by customer_id

),

final as (

    select
        accounts_counted.customer_id,
        accounts_counted.account_count,
        {{ whole('coalesce(identifiers_counted.identifier_count, 0)') }} as identifier_count,
        accounts_counted.was_refused = 1
        or contradicted.customer_id is not null
        or coalesce(identifiers_counted.was_disputed, 0) = 1 as is_identity_disputed,
        accounts_counted.first_account_opened_at,
        accounts_counted.first_event_at

    from accounts_counted

    left join identifiers_counted
        on accounts_counted.customer_id = identifiers_counted.customer_id

    left join contradicted
        on accounts_counted.customer_id = contradicted.customer_id

)

select * from final
