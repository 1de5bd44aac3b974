-- One row per cluster of accounts that a proposed link would join to another (cluster_key), with the smallest account of those.
{{ config(enabled=var('policy').linkage.is_on) }}
select
    cluster_key as left_key,
    other_cluster_key as right_key

from {{ ref('int_links_proposed') }}

where decision = 'accepted' or (decision is null and is_sure)

group by cluster_key, other_cluster_key
