-- Money without a rate cannot be reported. Resolve: add the currency, and the first day it is used,
-- to seeds/fx_rates.csv. Each row names a currency.
select
    currency as currency_without_rate,
    min(first_occurred_at) as first_occurred_at,
    sum(unconverted_count) as unconverted_count

from {{ ref('int_transactions_summarised_to_identifier_months') }}

where unconverted_count > 0

group by currency
