-- One row per cluster of accounts that a link judged as linked joins to another (cluster_key), with the smallest account of those.
{{ config(enabled=var('policy').linkage.is_on) }}
select
    cluster_key as left_key,
    other_cluster_key as right_key

from {{ ref('int_links_judged') }}

where is_linked

group by cluster_key, other_cluster_key
