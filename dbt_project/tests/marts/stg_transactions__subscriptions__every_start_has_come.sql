-- A row is a subscription that starts after the as-of day: it is kept, and counted nowhere until that day.
-- depends_on: {{ ref('stg_transactions__subscriptions') }}
{{ config(severity='warn') }}
select
    planned.subscription_id,
    planned.started_at

from (

    {{ standing_rows('subscriptions') }}

) as planned

where
    not {{ happened_by_as_of('planned.started_at') }}
    and coalesce(planned.stood_to_at > planned.started_at, true)
