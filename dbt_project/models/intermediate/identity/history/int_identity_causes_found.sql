-- One row per pair of customers between which accounts moved, and code of a cause (from_customer_id, to_customer_id, is_together, cause_code).
with

linked as (

    select * from {{ ref('int_accounts_linked') }}

),

proposed as (

    {{ of_linkage('int_links_judged', {
        'account_key': dbt.type_string(),
        'other_account_key': dbt.type_string(),
        'evidence': dbt.type_string(),
        'verdict': dbt.type_string(),
        'is_linked': dbt.type_boolean(),
    }) }}

),

accounts as (

    select * from {{ ref('int_accounts_resolved') }}

),

pairs as (

    select
        account_key,
        other_account_key,
        id_type as kind,
        verdict,
        is_linked

    from linked

    union all

    select
        account_key,
        other_account_key,
        'likeness' as kind,
        case when is_linked then evidence else verdict end as verdict,
        is_linked

    from proposed

),

-- Each pair is seen from both of its accounts.
sides as (

    select * from pairs

    union all

    select
        other_account_key as account_key,
        account_key as other_account_key,
        kind,
        verdict,
        is_linked

    from pairs

),

moved as (

    select
        account_key,
        previous_customer_id,
        customer_id

    from accounts

    where previous_customer_id <> customer_id

),

-- The pairs of each account that moved, with whether the other account is the same customer's now, and was before.
beside as (

    select
        moved.previous_customer_id as from_customer_id,
        moved.customer_id as to_customer_id,
        others.customer_id = moved.customer_id as is_together,
        coalesce(others.previous_customer_id = moved.previous_customer_id, false) as was_together,
        sides.kind,
        sides.verdict,
        sides.is_linked

    from moved

    inner join sides
        on moved.account_key = sides.account_key

    inner join accounts as others
        on sides.other_account_key = others.account_key

),

final as (

    select
        from_customer_id,
        to_customer_id,
        is_together,
        kind || ':' || case when is_together or not is_linked then verdict else 'group_too_large' end as cause_code

    from beside

    where
        (is_together and is_linked and not was_together)
        or (was_together and not is_together)

    group by 1, 2, 3, 4

)

select * from final
