-- A failure means that amounts in a currency have no rate, and so cannot be reported. Resolve: add a row to
-- seeds/fx_rates.csv for each currency found: currency_code, reporting_currency_code {{ var('reporting_currency') }},
-- valid_from_date no later than its first_date, and rate, units of {{ var('reporting_currency') }} for one unit of
-- the currency.
select
    currency,
    {{ business_date('min(first_occurred_at)') }} as first_date,
    sum(unconverted_count) as transaction_count

from {{ ref('int_transactions_summarised_to_identifier_months') }}

where unconverted_count > 0

group by currency
