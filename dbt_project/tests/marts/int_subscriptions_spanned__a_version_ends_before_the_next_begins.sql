-- A newer version of a subscription ends the one before, which was delivered open or with a later end.
{{ config(severity='warn') }}
select
    subscription_id,
    started_at

from {{ ref('int_subscriptions_spanned') }}

where is_ended_by_next
