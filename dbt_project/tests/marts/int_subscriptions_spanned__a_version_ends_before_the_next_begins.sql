-- A row is a version of a subscription that was delivered without an end, or with one after the next version begins.
-- The model ends it where the next version begins.
{{ config(severity='warn') }}
select
    subscription_id,
    started_at

from {{ ref('int_subscriptions_spanned') }}

where is_ended_by_next
