-- Resolve: whoever owns the seed movement_causes adds the reason, and says whether the customer decides it.
{{ config(severity='warn') }}
select
    movements.cause_code,
    count(*) as movement_count

from {{ ref('revenue_movements') }} as movements

left join {{ ref('movement_causes') }} as causes
    on movements.cause_code = causes.cause_code

where causes.cause_code is null

group by movements.cause_code
