-- A failure means that an account is assigned to two customers at once: more than one of its assignments was never
-- released. Resolve: no delivery can cause this; int_identity_registered did not release an assignment when it added
-- the next, or the registry of the last release already had both.
select
    account_key,
    count(*) as assignment_count

from {{ ref('int_identity_registered') }}

where released_at is null

group by account_key

having count(*) > 1
