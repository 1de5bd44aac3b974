"""What may be wrong with a candidate's headline metrics: (SQL, rules that fail)."""

from __future__ import annotations

from expectations.marts.metrics_daily import KEY

METRICS = "marts.metrics_daily"

# Of the revenue and the scores of the candidate, which are there already.
TABLES = f"""
create table {METRICS} as
select last_day(month_start_date) as day_date, 'mrr' as metric_code, segment_type, segment_code,
    closing_mrr::decimal(38, 6) as value, null::decimal(38, 6) as standard_error,
    null::decimal(38, 6) as denominator, 'GBP' as unit
from marts.recurring_revenue_monthly
union all
select last_day(month_start_date), 'nps', segment_type, segment_code, nps, 7.5, response_count,
    'points'
from marts.satisfaction_monthly;
"""
_NORTH = "where segment_code = 'north' and metric_code = 'nps'"

FAILING = {
    "a metric twice": (
        f"insert into {METRICS} from {METRICS} {_NORTH}",
        {f"expect_compound_columns_to_be_unique({', '.join(KEY)})"},
    ),
    "a metric that nobody defined, of a segment that the policy does not name": (
        f"update {METRICS} set metric_code = 'mood', segment_type = 'shoe_size' {_NORTH}",
        {
            "expect_column_values_to_be_in_set(metric_code)",
            "expect_column_values_to_be_in_set(segment_type)",
        },
    ),
    "a metric off its scale": (
        f"update {METRICS} set value = 130 {_NORTH}",
        {"a metric lies on the scale of its unit"},
    ),
    "a metric that loses a segment": (
        f"update {METRICS} set value = 40 where segment_type <> 'all' and metric_code = 'mrr'",
        {"what is summed adds up to everybody over the segments of one type"},
    ),
    "a metric with two figures": (
        f"update {METRICS} set value = 13 where segment_type = 'all' and metric_code = 'nps'",
        {"metrics are the figures of the tables that they are defined on"},
    ),
    "a month without its metrics": (
        f"delete from {METRICS} where metric_code = 'mrr' and day_date = '2025-02-28'",
        {"metrics are the figures of the tables that they are defined on"},
    ),
}
