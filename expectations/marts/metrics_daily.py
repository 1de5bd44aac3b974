"""May `metrics_daily` go out?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.releases import filled, one_of, unique
from saydo.metrics import definitions

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

    from saydo.config import Feeds, Policy

KEY = ("day_date", "metric_code", "segment_type", "segment_code")

_WHO = "Whoever changed models/metrics.yml, or the macros that render it, last corrects it."


def suite(policy: Policy, feeds: Feeds) -> list[Expectation]:
    """The rules: defined metrics on their scales, as the tables beside them have them."""
    import great_expectations.expectations as gxe

    segments = dict.fromkeys((*policy.segments.revenue, *policy.segments.satisfaction))
    return [
        unique(*KEY),
        *filled(*KEY, "value", "unit"),
        one_of("metric_code", [metric.code for metric in definitions()]),
        one_of("segment_type", ("all", *segments)),
        gxe.UnexpectedRowsExpectation(
            description="a metric lies on the scale of its unit",
            unexpected_rows_query="""
                select day_date, metric_code, segment_type, segment_code, value, unit
                from {batch}
                where
                    (unit = 'customers' and value < 0)
                    or (unit = 'share' and value not between 0 and 1)
                    or (unit = 'points' and value not between -100 and 100)
                    or (unit = 'score_0_10' and value not between 0 and 10)
                    or (unit = 'score_0_100' and value not between 0 and 100)
            """,
            severity="critical",
            notes=f"A definition, or what it is made of, is on another scale. {_WHO}",
        ),
        gxe.UnexpectedRowsExpectation(
            description="what is summed adds up to everybody over the segments of one type",
            unexpected_rows_query="""
                with totals as (
                    select day_date, metric_code, segment_type, sum(value) as value
                    from {batch}
                    where denominator is null
                    group by day_date, metric_code, segment_type
                )
                select segments.*, everybody.value as value_of_everybody
                from totals as segments
                left join totals as everybody
                    on
                        segments.day_date = everybody.day_date
                        and segments.metric_code = everybody.metric_code
                        and everybody.segment_type = 'all'
                where segments.value is distinct from everybody.value
            """,
            severity="critical",
            notes=f"Customers are in no segment of a type, or in two. {_WHO}",
        ),
        gxe.UnexpectedRowsExpectation(
            description="metrics are the figures of the tables that they are defined on",
            unexpected_rows_query="""
                with expected as (
                    select month_start_date, 'mrr' as metric_code, closing_mrr as value
                    from marts.recurring_revenue_monthly
                    where segment_type = 'all' and currency_type = 'reporting'
                    union all
                    select month_start_date, 'nps', nps
                    from marts.satisfaction_monthly
                    where segment_type = 'all' and question_role = 'recommend' and nps is not null
                ),
                found as (
                    select date_trunc('month', day_date) as month_start_date, metric_code, value
                    from {batch}
                    where segment_type = 'all'
                )
                select
                    month_start_date,
                    metric_code,
                    found.value as found,
                    expected.value as expected
                from expected
                left join found using (month_start_date, metric_code)
                where round(found.value, 4) is distinct from expected.value
            """,
            severity="critical",
            notes=f"Two tables would give one metric two figures. {_WHO}",
        ),
    ]
