"""May `decision_log` go out?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.releases import filled, one_of, reconciles, unique

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

    from saydo.config import Feeds, Policy

KEY = ("decision_id",)

# Whoever decides nothing has nothing to log.
MAY_BE_EMPTY = True

TYPES = ("credit", "audience", "experiment_arm", "bet", "recommendation")
VERDICTS = ("helped", "no_difference", "harmed", "too_early", "not_measurable")
_WHO = "Whoever changed decision_log last corrects it."


def suite(policy: Policy, feeds: Feeds) -> list[Expectation]:
    """The rules: each decision once, none lost, and no verdict without figures that bear it."""
    import great_expectations.expectations as gxe

    return [
        unique(*KEY),
        *filled(*KEY, "code", "evidence", "version", "subject_count", "decided_at"),
        one_of("decision_type", TYPES),
        one_of("verdict", VERDICTS),
        reconciles(
            "every bet is logged",
            "select count(*) from {batch} where decision_type = 'bet' and decision_id in ("
            "select 'bet:' || bet_code || ':' || version from marts.success_circles)",
            "select count(distinct bet_code) from marts.success_circles",
            f"A bet is not in the log: one that was contradicted could be forgotten. {_WHO}",
        ),
        reconciles(
            "offers that were judged are logged",
            "select count(distinct code) from {batch} where decision_type = 'recommendation' and "
            "exists (select * from marts.recommendation_readouts as told "
            "where told.method = code and told.hit_difference = measured_effect)",
            "select count(*) from marts.recommendation_readouts where method = 'expected_revenue'",
            f"Offers are not in the log, or told otherwise. {_WHO}",
        ),
        reconciles(
            "credits of the log are those of the queue's decisions",
            "select coalesce(sum(subject_count), 0) from {batch} where decision_type = 'credit'",
            "select count(*) from marts.service_recovery_queue where decision = 'credit'",
            f"A credit is not in the log, or twice. {_WHO}",
        ),
        gxe.UnexpectedRowsExpectation(
            description="a verdict is what the figures bear",
            unexpected_rows_query="""
                select *
                from {batch}
                where
                    (
                        verdict in ('helped', 'harmed', 'no_difference')
                        and (measured_effect is null or ci_low is null or ci_high is null)
                    )
                    or measured_effect not between ci_low - 0.0001 and ci_high + 0.0001
                    or (
                        verdict in ('helped', 'harmed') and decision_type <> 'bet'
                        and ci_low < 0 and ci_high > 0
                    )
                    or (verdict = 'helped' and decision_type = 'credit' and measured_effect > 0)
                    or (verdict = 'harmed' and decision_type = 'credit' and measured_effect < 0)
                    or (verdict = 'helped' and decision_type <> 'credit' and measured_effect < 0)
                    or (verdict = 'harmed' and decision_type <> 'credit' and measured_effect > 0)
            """,
            severity="critical",
            notes=f"Something would be believed to have helped, or harmed, for nothing. {_WHO}",
        ),
    ]
