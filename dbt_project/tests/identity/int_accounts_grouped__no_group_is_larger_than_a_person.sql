-- A cluster larger than policy.identity.max_component_accounts is glued by values that identify
-- nobody. It was left apart. Named here: its identifiers that join most accounts. Correct those
-- values where they are kept, map them to null in the feed, or lower max_customers of their id_type.
with

refused as (

    select
        accounts.account_key,
        accounts.linked_account_count,
        clustered.component_key

    from {{ ref('int_accounts_grouped') }} as accounts

    inner join {{ ref('int_accounts_clustered') }} as clustered
        on accounts.account_key = clustered.account_key

    where accounts.is_merge_refused

),

linked as (

    select
        id_type,
        id_key,
        account_key

    from {{ ref('int_accounts_linked') }}

    where is_linked

    union

    select
        id_type,
        id_key,
        other_account_key as account_key

    from {{ ref('int_accounts_linked') }}

    where is_linked

)

select
    linked.id_type,
    substring(linked.id_key, 1, 10) as key_prefix,
    count(*) as glued_account_count,
    max(refused.linked_account_count) as cluster_account_count

from linked

inner join refused
    on linked.account_key = refused.account_key

group by
    refused.component_key,
    linked.id_type,
    linked.id_key

order by
    cluster_account_count desc,
    glued_account_count desc,
    linked.id_type asc,
    linked.id_key asc
