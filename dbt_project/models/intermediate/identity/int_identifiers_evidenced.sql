-- One row per identifier that a customer has by a proposed link alone (id_type, id_key, customer_id).
with

accounts as (

    select * from {{ ref('int_accounts_joined') }}

),

spans as (

    select * from {{ ref('int_identifiers_spanned') }}

),

held as (

    select
        spans.id_type,
        spans.id_key,
        accounts.customer_id,
        accounts.match_probability,
        accounts.is_probabilistic,
        max(case when accounts.is_founding then 1 else 0 end) as is_founding

    from spans

    inner join accounts
        on spans.account_key = accounts.account_key

    group by
        spans.id_type,
        spans.id_key,
        accounts.customer_id,
        accounts.match_probability,
        accounts.is_probabilistic

),

final as (

    select
        id_type,
        id_key,
        customer_id,
        case when is_probabilistic then 'probabilistic' else 'reviewed' end as evidence,
        match_probability

    from held

    where is_founding = 0

)

select * from final
