-- One row per account of a customer that proposed links hold together (account_key).
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

    select * from {{ ref('int_accounts_identified') }}

    where not is_merge_refused

),

founders as (

    select * from {{ ref('int_groups_identified') }}

    where {{ is_among('group_key', 'joined', 'component_key') }}

),

-- A cluster is named by its smallest account, and an account beside which there is no other by itself.
clusters as (

    select
        clustered.account_key,
        joined.cluster_key,
        joined.component_key

    from clustered

    inner join joined
        on clustered.component_key = joined.cluster_key

    union

    select
        cluster_key as account_key,
        cluster_key,
        component_key

    from joined

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
        clusters.cluster_key,
        components.match_probability,
        components.is_probabilistic = 1 as is_probabilistic,
        max(case when accounts.account_key = founders.founding_account_key then 1 else 0 end)
            over (partition by clusters.cluster_key) as founder_count

    from accounts

    inner join clusters
        on accounts.account_key = clusters.account_key

    inner join components
        on clusters.component_key = components.component_key

    inner join founders
        on clusters.component_key = founders.group_key

),

final as (

    select
        account_key,
        customer_id,
        match_probability,
        is_probabilistic,
        founder_count = 1 as is_founding

    from members

)

select * from final
