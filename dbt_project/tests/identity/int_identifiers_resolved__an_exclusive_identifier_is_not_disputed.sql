-- A failure means that two customers hold an identifier at one time although its type allows one only: its number was
-- recycled and the end of the first span is missing, or it was assigned to a wrong account. The rows are counts,
-- never values. Resolve: correct the spans where they are kept, and deliver them again.
select
    id_type,
    count(distinct id_key) as disputed_identifier_count,
    count(distinct customer_id) as customer_count

from {{ ref('int_identifiers_resolved') }}

where is_disputed

group by id_type
