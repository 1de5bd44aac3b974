-- One row per group of clusters that proposed links would join, though two of them are kept apart (component_key).
{{ config(enabled=var('policy').linkage.is_on) }}
with

proposed as (

    select * from {{ ref('int_links_proposed') }}

),

components as (

    select * from {{ ref('int_clusters_proposed') }}

),

-- The accounts of each cluster. A cluster is named by its smallest account; an account linked to none is one by itself.
members as (

    select
        clustered.account_key,
        components.cluster_key

    from {{ ref('int_accounts_clustered') }} as clustered

    inner join components
        on clustered.component_key = components.cluster_key

    union

    select
        cluster_key as account_key,
        cluster_key

    from components

),

contradicted as (

    select
        members.cluster_key,
        others.cluster_key as other_cluster_key

    from {{ ref('int_accounts_linked') }} as pairs

    inner join members
        on pairs.account_key = members.account_key

    inner join members as others
        on pairs.other_account_key = others.account_key

    where pairs.verdict = 'contradicted'

),

-- Two clusters of which a person accepted a pair are not kept apart by an identifier that contradicts.
accepted as (

    select
        least(cluster_key, other_cluster_key) as low_key,
        greatest(cluster_key, other_cluster_key) as high_key

    from proposed

    where decision = 'accepted'

    group by low_key, high_key

),

opposed as (

    select
        cluster_key,
        other_cluster_key

    from proposed

    where decision = 'rejected'

    union all

    select
        contradicted.cluster_key,
        contradicted.other_cluster_key

    from contradicted

    left join accepted
        on
            least(contradicted.cluster_key, contradicted.other_cluster_key) = accepted.low_key
            and greatest(contradicted.cluster_key, contradicted.other_cluster_key) = accepted.high_key

    where accepted.low_key is null

),

-- Two clusters that are kept apart must not be joined through a third either, so the whole group is left unjoined.
final as (

    select components.component_key

    from opposed

    inner join components
        on opposed.cluster_key = components.cluster_key

    inner join components as others
        on
            opposed.other_cluster_key = others.cluster_key
            and components.component_key = others.component_key

    where opposed.cluster_key <> opposed.other_cluster_key

    group by components.component_key

)

select * from final
