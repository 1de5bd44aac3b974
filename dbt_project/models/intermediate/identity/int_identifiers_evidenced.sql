-- One row per identifier that a customer has by a proposed link alone (id_type, id_key, customer_id).
with

links as (

    select * from {{ ref('int_links_judged') }}

    where is_linked

),

joined as (

    select * from {{ ref('int_clusters_joined') }}

),

clustered as (

    select * from {{ ref('int_accounts_clustered') }}

),

accounts as (

    select * from {{ ref('int_accounts_resolved') }}

),

groups_identified as (

    select * from {{ ref('int_groups_identified') }}

),

spans as (

    select * from {{ ref('int_identifiers_spanned') }}

),

-- A customer is held together by the weakest of its links.
components as (

    select
        joined.component_key,
        min(links.match_probability) as match_probability,
        max(case when links.evidence = 'probabilistic' then 1 else 0 end) as is_probabilistic

    from links

    inner join joined
        on links.cluster_key = joined.cluster_key

    group by joined.component_key

),

members as (

    select
        accounts.account_key,
        accounts.customer_id,
        joined.cluster_key,
        joined.component_key

    from accounts

    left join clustered
        on accounts.account_key = clustered.account_key

    inner join joined
        on coalesce(clustered.component_key, accounts.account_key) = joined.cluster_key

    where not accounts.is_merge_refused

),

-- The cluster of the account that the customer was founded on needs no link to be the customer's.
founders as (

    select
        members.component_key,
        members.cluster_key

    from members

    inner join groups_identified
        on
            members.component_key = groups_identified.group_key
            and members.account_key = groups_identified.founding_account_key

),

held as (

    select
        spans.id_type,
        spans.id_key,
        members.customer_id,
        members.component_key,
        max(case when members.cluster_key = founders.cluster_key then 1 else 0 end) as is_founders

    from members

    inner join founders
        on members.component_key = founders.component_key

    inner join spans
        on members.account_key = spans.account_key

    group by spans.id_type, spans.id_key, members.customer_id, members.component_key

),

final as (

    select
        held.id_type,
        held.id_key,
        held.customer_id,
        case when components.is_probabilistic = 1 then 'probabilistic' else 'reviewed' end as evidence,
        components.match_probability

    from held

    inner join components
        on held.component_key = components.component_key

    where held.is_founders = 0

)

select * from final
