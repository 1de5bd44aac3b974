-- One row per account (account_key), with the group of accounts that are one person's.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_touched('account_key', ref('int_accounts_touched')) }}",
) }}
with

accounts as (

    select * from {{ ref('int_accounts_described') }}

    where {{ is_touched('account_key', ref('int_accounts_touched')) }}

),

clustered as (

    select * from {{ ref('int_accounts_clustered') }}

    where {{ is_touched('account_key', ref('int_accounts_touched')) }}

),

joined as (

    select * from {{ ref('int_clusters_joined') }}

),

-- Identifiers connect accounts to clusters, and proposed links clusters to each other.
connected as (

    select
        accounts.account_key,
        coalesce(joined.component_key, clustered.component_key, accounts.account_key) as component_key

    from accounts

    left join clustered
        on accounts.account_key = clustered.account_key

    left join joined
        on coalesce(clustered.component_key, accounts.account_key) = joined.cluster_key

),

sizes as (

    select
        component_key,
        count(*) as account_count

    from connected

    group by component_key

),

-- No person holds this many accounts: such a cluster is left apart, and refuses the release.
final as (

    select
        accounts.account_key,
        case
            when sizes.account_count <= {{ var('policy').identity.max_component_accounts }}
                then connected.component_key
            else accounts.account_key
        end as group_key,
        sizes.account_count as linked_account_count,
        sizes.account_count > {{ var('policy').identity.max_component_accounts }} as is_merge_refused,
        accounts.opened_at,
        accounts.closed_at,
        accounts.first_event_at

    from accounts

    inner join connected
        on accounts.account_key = connected.account_key

    inner join sizes
        on connected.component_key = sizes.component_key

)

select * from final
