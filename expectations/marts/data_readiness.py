"""May `data_readiness` go out?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.releases import between, filled, one_of, unique

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

    from saydo.config import Feeds, Policy

KEY = ("subject_type", "source", "feature")

# Of fewer facts than these the share without an owner says nothing.
_LEAST_FACTS = 100
# A share that fell by more standard errors than these did not fall by chance.
_STANDARD_ERRORS = 3

# What the ratios are of: features of one source have rows of their own, such as one question's.
_FEATURES = """
    with measured as (select * from {batch}),
    readiness as (
        select
            measured.source,
            measured.feature,
            measured.match_ratio,
            measured.loaded_count,
            graded.row_count
        from measured
        inner join intermediate.int_features_graded as graded
            on measured.source = graded.source and measured.feature = graded.feature
    )
"""


def suite(policy: Policy, feeds: Feeds) -> list[Expectation]:
    """The rules; `policy` says how many facts may be without an owner."""
    return [
        unique(*KEY),
        *filled(*KEY, "why", "is_fresh", "is_late"),
        one_of("grade", ("A", "B", "C", "D", "E", "F")),
        between("completeness_ratio", 0, 1),
        between("match_ratio", 0, 1),
        between("coverage_ratio", 0, 1),
        _owned(policy.gate.warn_orphan_ratio, "warning"),
        _owned(policy.gate.max_orphan_ratio, "critical"),
        _matched(policy.gate.max_match_ratio_fall),
        _told_once(),
        _late_is_told(),
    ]


def _matched(fall_ratio: float) -> Expectation:
    import great_expectations.expectations as gxe

    return gxe.UnexpectedRowsExpectation(
        description=f"a source finds owners as it did, to within {fall_ratio:.1%} of its facts",
        unexpected_rows_query=f"""
            {_FEATURES},
            compared as (
                select
                    readiness.*,
                    published.match_ratio as published_match_ratio,
                    published.match_ratio - readiness.match_ratio as fall,
                    1 - (published.match_ratio + readiness.match_ratio) / 2.0 as orphan_ratio
                from readiness
                inner join staging.stg_operations__published_readiness as published
                    on
                        readiness.source = published.source
                        and readiness.feature = published.feature
            )
            select
                source,
                count(*) as feature_count,
                round(max(fall), 4) as fall,
                min(match_ratio) as match_ratio,
                max(row_count) as row_count
            from compared
            where
                fall > {fall_ratio}
                and fall > {_STANDARD_ERRORS} * sqrt(
                    2 * greatest(orphan_ratio * (1 - orphan_ratio), 0) / row_count
                )
            group by source
            order by source
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
            {_FEATURES}
            select
                readiness.source,
                round(1 - min(readiness.match_ratio), 4) as orphan_ratio,
                max(readiness.loaded_count) as loaded_count,
                max(orphans.orphan_count) as orphan_count,
                max(orphans.early_count) as early_count,
                max(orphans.unknown_count) as unknown_count
            from readiness
            left join intermediate.int_orphans_counted_to_sources as orphans
                on readiness.source = orphans.source
            where
                1 - readiness.match_ratio > {orphan_ratio}
                and readiness.row_count >= {_LEAST_FACTS}
            group by readiness.source
            order by readiness.source
        """,
        severity=severity,
        notes="These facts carry an identifier that no customer owned at their time, so they are "
        "in no customer's figures. unknown_count of them are of identifiers that no account has: "
        "the owner of the customer records delivers the missing account_identifiers; if they are "
        "written differently, the feed's owner corrects the expression or the normaliser. "
        "early_count of them are from before their identifier's valid_from_at, or before its "
        "account opened: deliver since when the account has it. The others are of identifiers "
        "that several customers shared, or nobody had any more.",
    )


def _told_once() -> Expectation:
    import great_expectations.expectations as gxe

    return gxe.UnexpectedRowsExpectation(
        description="no day of network usage is delivered both as a total and in sessions",
        unexpected_rows_query="""
            select
                count(*) as identifier_day_count,
                min(usage_date) as first_usage_date,
                max(usage_date) as last_usage_date
            from intermediate.int_network_sessions_summarised_to_identifier_days
            where has_total and 0 <= (select count(*) from {batch})
            having count(*) > 0
        """,
        severity="warning",
        notes="network_usage_daily and network_sessions say something of the same identifier, day "
        "and site. A measure that the day's total gives is counted from it, and not from the "
        "sessions, since it has counted them. The owner of the network data delivers one of the "
        "two; what are two networks takes two site_codes.",
    )


def _late_is_told() -> Expectation:
    import great_expectations.expectations as gxe

    return gxe.UnexpectedRowsExpectation(
        description="a source that is late has a deadline, and is graded C at best",
        unexpected_rows_query="""
            select source, feature, grade, expected_by_at
            from {batch}
            where is_late and (expected_by_at is null or grade in ('A', 'B'))
            order by source, feature
        """,
        severity="critical",
        notes="Readers would take a source that was not delivered for one that is in order. The "
        "owner of the models looks at int_features_graded and what it reads of "
        "expected_deliveries.",
    )
