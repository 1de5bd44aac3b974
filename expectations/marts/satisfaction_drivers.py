"""May `satisfaction_drivers` go out?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.releases import between, filled, one_of, unique

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

    from saydo.config import Feeds, Policy

KEY = ("feature", "band")

_WHO = "Whoever changed saydo.estimate or its cells last corrects it."


def suite(policy: Policy, feeds: Feeds) -> list[Expectation]:
    """The rules: one scorecard, whole, with points that keep to directions and add to the mean."""
    import great_expectations.expectations as gxe

    return [
        unique(*KEY),
        *filled(*KEY, "customer_count", "answer_count", "model_version", "is_intercept"),
        one_of("direction_expected", ["increasing", "decreasing", "none"]),
        between("points", -10, 10),
        between("out_of_fold_error", 0, 10),
        gxe.UnexpectedRowsExpectation(
            description="there is one scorecard, and it is whole or has no points",
            unexpected_rows_query="""
                select
                    count(distinct model_version) as versions, count(points) as points,
                    count(*) as bands, count(*) filter (where is_intercept) as intercepts
                from {batch}
                having
                    count(distinct model_version) <> 1
                    or count(points) not in (0, count(*))
                    or count(*) filter (where is_intercept) <> 1
            """,
            severity="critical",
            notes="Predicted scores lack the points of some band, or add those of two scorecards. "
            f"{_WHO}",
        ),
        gxe.UnexpectedRowsExpectation(
            description="points keep to the direction that is expected of their feature",
            unexpected_rows_query="""
                select feature, band, points, points_before
                from (
                    select
                        feature, band, direction_expected, points,
                        lag(points) over (
                            partition by feature order by lower_bound nulls first, band
                        ) as points_before
                    from {batch}
                    where lower_bound is not null or upper_bound is not null
                ) as ordered
                where
                    direction_expected = 'increasing' and points < points_before
                    or direction_expected = 'decreasing' and points > points_before
            """,
            severity="critical",
            notes="The scorecard says that worse service makes more satisfied, which the policy "
            f"rules out. {_WHO}",
        ),
        gxe.UnexpectedRowsExpectation(
            description="the points of a feature have the mean 0 over its customers",
            unexpected_rows_query="""
                select feature, sum(points * customer_count) / sum(customer_count) as mean_points
                from {batch}
                where not is_intercept
                group by feature
                having abs(sum(points * customer_count)) > 0.0002 * sum(customer_count)
            """,
            severity="critical",
            notes="What a band adds is told against another mean than that of the intercept. "
            f"{_WHO}",
        ),
    ]
