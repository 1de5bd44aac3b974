-- Two customers hold at one time what only one may hold: a number recycled without its end, or a
-- wrong assignment. Correct the spans where they are kept and deliver again. Counts, never values.
select
    id_type,
    count(distinct id_key) as disputed_identifier_count,
    count(distinct customer_id) as customer_count

from {{ ref('int_identifiers_resolved') }}

where is_disputed

group by id_type
