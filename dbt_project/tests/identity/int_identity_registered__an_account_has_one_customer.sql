-- Assignments that hold; past ones are kept as history.
select
    account_key,
    count(*) as assignment_count

from {{ ref('int_identity_registered') }}

where released_at is null

group by account_key

having count(*) > 1
