-- A failure means that more accounts than one person may have hold an identifier at one time although only one
-- customer may hold its type, and that too little is known of the holders to learn that it is a placeholder. Resolve:
-- leave the value out in the feed (map it to null), or let its id_type be shared.
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
