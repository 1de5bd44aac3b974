-- A failure means that two groups of accounts were given the same customer_id, which would mix the histories of two
-- persons. Resolve: no delivery can cause this; int_accounts_resolved let two groups keep one id, or made an id
-- twice.
select
    customer_id,
    count(distinct group_key) as group_count

from {{ ref('int_accounts_resolved') }}

group by customer_id

having count(distinct group_key) > 1
