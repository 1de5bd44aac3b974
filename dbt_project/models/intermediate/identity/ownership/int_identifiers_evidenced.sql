-- One row per identifier that a customer has only through a proposed link (id_type, id_key, customer_id).
{{ config(enabled=var('policy').linkage.is_on) }}
with

links as (

    select * from {{ ref('int_links_judged') }}

    where is_linked

),

joined as (

    select * from {{ ref('int_clusters_joined') }}

),

accounts as (

    select * from {{ ref('int_accounts_resolved') }}

    where not is_merge_refused

),

spans as (

    select * from {{ ref('int_identifiers_spanned') }}

),

-- A customer joined by several links is no surer than the least probable of them.
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

-- Identifiers of the cluster that has the founding account are the customer's without any link.
clusters as (

    select
        account_key,
        customer_id,
        group_key,
        max(case when is_founding then 1 else 0 end) over (partition by group_key, cluster_key) as is_founding

    from accounts

),

held as (

    select
        spans.id_type,
        spans.id_key,
        clusters.customer_id,
        components.match_probability,
        components.is_probabilistic,
        max(clusters.is_founding) as is_founding

    from spans

    inner join clusters
        on spans.account_key = clusters.account_key

    inner join components
        on clusters.group_key = components.component_key

    group by
        spans.id_type,
        spans.id_key,
        clusters.customer_id,
        components.match_probability,
        components.is_probabilistic

),

final as (

    select
        id_type,
        id_key,
        customer_id,
        case when is_probabilistic = 1 then 'probabilistic' else 'reviewed' end as evidence,
        match_probability

    from held

    where is_founding = 0

)

select * from final
