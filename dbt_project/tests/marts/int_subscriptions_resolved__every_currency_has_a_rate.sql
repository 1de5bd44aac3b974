-- Money without a rate cannot be reported. Resolve: add the currency, and the first day it is used,
-- to seeds/fx_rates.csv. Each row names a currency.
select
    currency as currency_without_rate,
    min(started_at) as first_started_at,
    count(*) as unconverted_count

from {{ ref('int_subscriptions_resolved') }}

where monthly_amount is null

group by currency
