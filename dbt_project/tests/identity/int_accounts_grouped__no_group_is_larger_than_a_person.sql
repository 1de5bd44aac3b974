-- A cluster larger than policy.identity.max_component_accounts is glued by values that identify
-- nobody. It was left apart; lower max_customers of the id_types named here, or correct the values.
-- For `proposed link`, raise linkage.accept_probability, or reject pairs (saydo identity review).
with

refused as (

    select account_key

    from {{ ref('int_accounts_grouped') }}

    where is_merge_refused

)

select
    linked.id_type,
    count(distinct linked.id_key) as gluing_identifier_count,
    count(distinct linked.account_key) as account_count

from {{ ref('int_accounts_linked') }} as linked

inner join refused
    on linked.account_key = refused.account_key

where linked.is_linked

group by linked.id_type

union all

select
    'proposed link' as id_type,
    count(*) as gluing_identifier_count,
    count(distinct links.account_key) as account_count

from {{ ref('int_links_judged') }} as links

inner join refused
    on links.account_key = refused.account_key

where links.is_linked

having count(*) > 0
