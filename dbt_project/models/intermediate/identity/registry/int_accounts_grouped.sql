-- One row per account (account_key), with the group of accounts that are one person's.
{%- set most = var('policy').identity.max_component_accounts %}
with

accounts as (

    select * from {{ ref('int_accounts_described') }}

),

clustered as (

    select * from {{ ref('int_accounts_clustered') }}

),

joined as (

    {{ of_linkage('int_clusters_joined', {'cluster_key': dbt.type_string(), 'component_key': dbt.type_string()}) }}

),

clusters as (

    select
        accounts.*,
        coalesce(clustered.component_key, accounts.account_key) as cluster_key

    from accounts

    left join clustered
        on accounts.account_key = clustered.account_key

),

-- Identifiers connect accounts to clusters, and proposed links clusters to each other.
connected as (

    select
        clusters.*,
        coalesce(joined.component_key, clusters.cluster_key) as component_key

    from clusters

    left join joined
        on clusters.cluster_key = joined.cluster_key

),

sizes as (

    select
        component_key,
        count(*) as account_count

    from connected

    group by component_key

),

-- No person holds so many accounts: they are left apart, and a data test refuses the release.
final as (

    select
        connected.account_key,
        connected.cluster_key,
        connected.component_key,
        case
            when sizes.account_count <= {{ most }} then connected.component_key
            else connected.account_key
        end as group_key,
        sizes.account_count as linked_account_count,
        sizes.account_count > {{ most }} as is_merge_refused,
        connected.opened_at,
        connected.closed_at,
        connected.first_event_at

    from connected

    inner join sizes
        on connected.component_key = sizes.component_key

)

select * from final
