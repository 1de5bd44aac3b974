-- More accounts hold an exclusive identifier at one time than a person may have accounts, and too
-- little is known of their holders to learn that it is a placeholder. Leave it out in the feed (map it to null), or let its id_type be shared.
select
    id_type,
    count(*) as identifier_count,
    max(peak_account_count) as most_account_count

from {{ ref('int_identifiers_counted') }}

where
    is_over_limit
    and not can_be_shared
    and not is_placeholder

group by id_type
