-- More accounts hold an exclusive identifier at one time than a person may have accounts: a
-- placeholder. Leave it out in the feed (map it to null), or let its id_type be shared.
select
    id_type,
    count(*) as placeholder_count,
    max(peak_account_count) as most_accounts

from {{ ref('int_identifiers_counted') }}

where
    is_over_limit
    and not can_be_shared

group by id_type
