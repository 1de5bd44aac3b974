-- A failure means that prices in a currency have no rate, and so cannot be reported. Resolve: add a row to
-- seeds/fx_rates.csv for each currency found: currency_code, reporting_currency_code {{ var('reporting_currency') }},
-- valid_from_date no later than its first_date, and rate, units of {{ var('reporting_currency') }} for one unit of
-- the currency.
select
    currency,
    min(started_date) as first_date,
    count(*) as subscription_count

from {{ ref('int_subscriptions_resolved') }}

where monthly_amount is null

group by currency
