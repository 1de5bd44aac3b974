-- Versions of a subscription that both carry an end count both, even where they overlap.
{{ config(severity='warn') }}
select
    subscription_id,
    started_at

from {{ ref('int_subscriptions_spanned') }}

where overlaps_next
