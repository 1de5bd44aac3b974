"""May `service_recovery_outcomes` go out?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.releases import between, filled, one_of, reconciles, unique

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

    from saydo.config import Feeds, Policy

KEY = ("policy_version", "horizon_days", "satisfaction_band")

# Before the first decision there is nothing to measure.
MAY_BE_EMPTY = True

_WHO = "Whoever changed saydo.estimate or the models of service recovery last corrects it."
_OUTSIDE = " or ".join(
    f"{outcome}_difference not between {outcome}_ci_low and {outcome}_ci_high"
    for outcome in ("churn", "satisfaction", "revenue")
)


def suite(policy: Policy, feeds: Feeds) -> list[Expectation]:
    """The rules: figures only where arms can be compared, nobody counted twice."""
    import great_expectations.expectations as gxe

    return [
        unique(*KEY),
        *filled(*KEY, "credited_count", "holdout_count", "pending_count", "is_measurable"),
        one_of("satisfaction_band", ("all", "dissatisfied", "neutral", "fan", "never_asked")),
        between("churn_difference", -1, 1),
        reconciles(
            "everybody assigned is measured or pending, once a version and horizon",
            "select coalesce(sum(credited_count + holdout_count + pending_count), 0) "
            "from {batch} where satisfaction_band = 'all'",
            "select 3 * count(*) from intermediate.int_credits_assigned_to_customers",
            f"Customers were lost or counted twice on the way to the figures. {_WHO}",
        ),
        gxe.UnexpectedRowsExpectation(
            description="a band is part of everybody, and the bands are everybody",
            unexpected_rows_query="""
                select policy_version, horizon_days
                from {batch}
                group by policy_version, horizon_days
                having
                    2 * sum(case when satisfaction_band = 'all' then credited_count end)
                    <> sum(credited_count)
                    or 2 * sum(case when satisfaction_band = 'all' then holdout_count end)
                    <> sum(holdout_count)
            """,
            severity="critical",
            notes=f"Customers are in one figure and not in another beside it. {_WHO}",
        ),
        gxe.UnexpectedRowsExpectation(
            description="what is not measurable says why and has no figure, what is has one",
            unexpected_rows_query="""
                select policy_version, horizon_days, satisfaction_band, why_not
                from {batch}
                where
                    is_measurable <> (why_not is null)
                    or is_measurable <> (churn_difference is not null)
                    or (not is_measurable
                        and coalesce(satisfaction_difference, revenue_difference) is not null)
                    or (is_measurable and least(credited_count, holdout_count) < 1)
            """,
            severity="critical",
            notes=f"A figure that must not be read is there, or a gap that nobody explains. {_WHO}",
        ),
        gxe.UnexpectedRowsExpectation(
            description="a difference lies in its interval",
            unexpected_rows_query=f"""
                select policy_version, horizon_days, satisfaction_band
                from {{batch}}
                where {_OUTSIDE}
            """,
            severity="critical",
            notes=f"A difference that nobody can be as sure of as it says. {_WHO}",
        ),
    ]
