"""May `data_readiness` go out?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.releases import between, filled, one_of, unique

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

    from saydo.config import Feeds, Policy

KEY = ("subject_type", "source", "feature")

# A ratio of fewer facts than these says nothing.
_LEAST_FACTS = 100


def suite(policy: Policy, feeds: Feeds) -> list[Expectation]:
    """The rules; `policy` says how many facts may be without an owner."""
    return [
        unique(*KEY),
        *filled(*KEY, "why", "is_fresh"),
        one_of("grade", ("A", "B", "C", "D", "E", "F")),
        between("completeness_ratio", 0, 1),
        between("match_ratio", 0, 1),
        between("coverage_ratio", 0, 1),
        _owned(policy.gate.warn_orphan_ratio, "warning"),
        _owned(policy.gate.max_orphan_ratio, "critical"),
        _matched(policy.gate.max_match_ratio_fall),
    ]


def _matched(fall_ratio: float) -> Expectation:
    import great_expectations.expectations as gxe

    return gxe.UnexpectedRowsExpectation(
        description=f"a source finds owners as it did, to within {fall_ratio:.1%} of its facts",
        unexpected_rows_query=f"""
            with readiness as (select * from {{batch}})
            select
                readiness.source,
                readiness.feature,
                published.match_ratio as published_match_ratio,
                readiness.match_ratio,
                readiness.loaded_count
            from readiness
            inner join staging.stg_operations__published_readiness as published
                on
                    readiness.source = published.source
                    and readiness.feature = published.feature
            where
                published.match_ratio - readiness.match_ratio > {fall_ratio}
                and readiness.loaded_count >= {_LEAST_FACTS}
        """,
        severity="critical",
        notes="Facts that had an owner in the last release have none now: ownership rows were lost "
        "or ended, or identifiers are written differently. The owner of the customer records looks "
        "at the last delivery of account_identifiers; an intended change raises "
        "gate.max_match_ratio_fall for one run.",
    )


def _owned(orphan_ratio: float, severity: str) -> Expectation:
    import great_expectations.expectations as gxe

    return gxe.UnexpectedRowsExpectation(
        description=f"at most {orphan_ratio:.1%} of a source's facts belong to nobody",
        unexpected_rows_query=f"""
            select source, feature, round(1 - match_ratio, 4) as orphan_ratio, loaded_count
            from {{batch}}
            where 1 - match_ratio > {orphan_ratio} and loaded_count >= {_LEAST_FACTS}
        """,
        severity=severity,
        notes="These facts carry an identifier that no customer owned at their time, so they are "
        "in no customer's figures. The owner of the customer records delivers the missing "
        "account_identifiers; if the identifiers are written differently, the feed's owner "
        "corrects the expression or the normaliser.",
    )
