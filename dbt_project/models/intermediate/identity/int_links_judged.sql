-- One row per proposed pair of accounts, judged (account_key, other_account_key).
with

proposed as (

    select * from {{ ref('int_links_proposed') }}

),

components as (

    select * from {{ ref('int_clusters_proposed') }}

),

clustered as (

    select * from {{ ref('int_accounts_clustered') }}

),

contradicted as (

    select
        coalesce(clustered.component_key, pairs.account_key) as cluster_key,
        coalesce(others.component_key, pairs.other_account_key) as other_cluster_key

    from {{ ref('int_accounts_linked') }} as pairs

    left join clustered
        on pairs.account_key = clustered.account_key

    left join clustered as others
        on pairs.other_account_key = others.account_key

    where pairs.verdict = 'contradicted'

),

-- What a person accepted holds against what identifiers say of the same two clusters.
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

-- Two clusters that are kept apart are not joined by way of a third either.
opposed_components as (

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

),

judged as (

    select
        proposed.*,
        case
            when proposed.decision = 'accepted' then 'linked'
            when proposed.decision = 'rejected' then 'rejected'
            when proposed.is_sure and opposed_components.component_key is not null then 'contradicted'
            when proposed.is_sure then 'linked'
            when proposed.is_doubtful then 'doubtful'
            else 'unsure'
        end as verdict

    from proposed

    left join components
        on proposed.cluster_key = components.cluster_key

    left join opposed_components
        on components.component_key = opposed_components.component_key

),

final as (

    select
        account_key,
        other_account_key,
        cluster_key,
        other_cluster_key,
        verdict,
        case when decision is null then 'probabilistic' else 'reviewed' end as evidence,
        case
            when decision = 'accepted' then {{ number('1') }}
            else {{ number('coalesce(match_probability, 0)') }}
        end as match_probability,
        match_weight,
        model_version,
        verdict = 'linked' as is_linked

    from judged

)

select * from final
