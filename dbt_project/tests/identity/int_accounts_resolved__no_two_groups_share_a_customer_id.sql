-- A customer is one group of accounts; an id that two have would mix two persons' histories.
select
    customer_id,
    count(distinct group_key) as group_count

from {{ ref('int_accounts_resolved') }}

group by customer_id

having count(distinct group_key) > 1
