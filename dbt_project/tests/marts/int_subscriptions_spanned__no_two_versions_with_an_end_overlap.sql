-- A row is a version of a subscription that overlaps the next version, where both were delivered with an end: both
-- count in the time that they share.
{{ config(severity='warn') }}
select
    subscription_id,
    started_at

from {{ ref('int_subscriptions_spanned') }}

where overlaps_next
