-- One row per proposed pair of accounts that identifiers do not connect already (account_key, other_account_key).
{{ config(enabled=var('policy').linkage.is_on) }}
with

proposed as (

    {{ proposed_links() }}

),

named as (

    select account_key
    from proposed

    union

    select other_account_key as account_key
    from proposed

),

accounts as (

    select * from {{ ref('int_accounts_described') }}

    where {{ is_among('account_key', 'named') }}

),

clustered as (

    select * from {{ ref('int_accounts_clustered') }}

    where {{ is_among('account_key', 'named') }}

),

clusters as (

    select
        accounts.account_key,
        coalesce(clustered.component_key, accounts.account_key) as cluster_key

    from accounts

    left join clustered
        on accounts.account_key = clustered.account_key

),

final as (

    select
        proposed.account_key,
        proposed.other_account_key,
        clusters.cluster_key,
        others.cluster_key as other_cluster_key,
        proposed.match_probability,
        proposed.match_weight,
        proposed.decision,
        proposed.model_version,
        proposed.is_doubtful,
        coalesce(
            proposed.match_probability >= {{ var('policy').linkage.accept_probability }}
            and not proposed.is_doubtful,
            false
        ) as is_sure

    from proposed

    inner join clusters
        on proposed.account_key = clusters.account_key

    inner join clusters as others
        on proposed.other_account_key = others.account_key

    where clusters.cluster_key <> others.cluster_key

)

select * from final
