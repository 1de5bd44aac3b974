-- A failure means that identifiers or proposed links connect more accounts than one person may have
-- (policy.identity.max_component_accounts), most likely by values that identify nobody. These accounts were left
-- apart; the rows are the identifiers that join most of them. Resolve: correct those values where they are kept, map
-- them to null in the feed, or lower max_customers of their id_type; for `proposed link`, raise
-- linkage.accept_probability or reject pairs (saydo identity review).
with

refused as (

    select
        account_key,
        component_key,
        linked_account_count

    from {{ ref('int_accounts_grouped') }}

    where is_merge_refused

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
    {%- for side in (['account_key', 'other_account_key'] if var('policy').linkage.is_on else []) %}

    union

    select
        'proposed link' as id_type,
        '' as id_key,
        {{ side }} as account_key

    from {{ ref('int_links_judged') }}

    where is_linked
    {%- endfor %}

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
