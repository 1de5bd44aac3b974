"""Data readiness and releases: can it be relied on, and what was published when."""

from __future__ import annotations

from saydo.serve.superset.charts import (
    Chart,
    bars,
    column,
    filters,
    measure,
    number,
    table,
    words,
)
from saydo.serve.superset.dashboards.dashboard import Dashboard

_RATIOS = ("completeness_ratio", "match_ratio", "coverage_ratio")


def dashboard() -> Dashboard:
    """The dashboard of the data itself."""
    return Dashboard(
        "Data readiness and releases",
        "saydo-data-readiness-and-releases",
        "How fresh, complete and well matched each source is, graded **A** (best) to **F**, and "
        "which releases were "
        "published. All dashboards show the current release.",
        (
            (
                Chart(
                    "Customers",
                    "customer_profiles",
                    "Customers known to any source on the as-of day.",
                    number("customers", ",d", "known to any source"),
                    width=3,
                    height=20,
                ),
                Chart(
                    "Graded A or B",
                    "data_readiness",
                    "Share of the sources' features and of the published customer tables that "
                    "are graded A or B.",
                    number(
                        measure(
                            "Ready",
                            "1.0 * sum(case when grade in ('A', 'B') then 1 else 0 end) / count(*)",
                        ),
                        ",.0%",
                        "of features and tables",
                    ),
                    width=3,
                    height=20,
                ),
                Chart(
                    "Warnings of the current release",
                    "release_history",
                    "Expectations that the current release was published in spite of.",
                    number(
                        measure(
                            "Warnings", "sum(case when is_current then warning_count else 0 end)"
                        ),
                        ",d",
                        "expectations not met",
                    ),
                    width=3,
                    height=20,
                ),
                Chart(
                    "Restated figures",
                    "restatement_log",
                    "Figures of months that were over, and that a later release gave otherwise.",
                    number(measure("Figures", "count(*)"), ",d", "of months that were over"),
                    width=3,
                    height=20,
                ),
            ),
            (
                Chart(
                    "Grades by source",
                    "data_readiness",
                    "Features of each source, and published customer tables, by grade.",
                    bars(
                        words("Source", "source"),
                        [measure("Features", "count(*)")],
                        ",d",
                        by=["grade"],
                        is_stacked=True,
                        is_lying=True,
                    ),
                    width=6,
                    height=56,
                ),
                Chart(
                    "Customers that a source covers (share of all)",
                    "data_readiness",
                    "Of all customers, the share that each source knows something of: of its "
                    "features, the one "
                    "that most have.",
                    bars(
                        words("Source", "source"),
                        [measure("Covered", "max(coverage_ratio)")],
                        ",.0%",
                        is_lying=True,
                    )
                    | filters("subject_type = 'source'", "coverage_ratio is not null"),
                    width=6,
                    height=56,
                ),
            ),
            (
                Chart(
                    "Releases",
                    "release_history",
                    "Releases that were published, the newest first: as of which day, how many "
                    "expectations were "
                    "checked, how many gave a warning, and which one is current.",
                    table(
                        [
                            "release_id",
                            column("Current", "case when is_current then 'current' else '' end"),
                            "as_of_date",
                            "published_at",
                            "evaluated_count",
                            "warning_count",
                            "code_version",
                        ],
                        {"evaluated_count": ",d", "warning_count": ",d"},
                        [("published_at", False)],
                    ),
                    width=12,
                    height=32,
                ),
            ),
            (
                Chart(
                    "Readiness, feature by feature",
                    "data_readiness",
                    "Grade, why, rows and shares of every source's features and of the "
                    "published customer tables.",
                    table(
                        [
                            "grade",
                            words("Source", "source"),
                            words("Feature", "feature"),
                            "why",
                            "canonical_count",
                            "quarantined_count",
                            *_RATIOS,
                            "last_event_at",
                        ],
                        dict.fromkeys(_RATIOS, ",.1%")
                        | dict.fromkeys(("canonical_count", "quarantined_count"), ",d"),
                        [("grade", False), ("source", True), ("feature", True)],
                        page=20,
                    ),
                    width=12,
                    height=80,
                ),
            ),
        ),
        has_months=False,
    )
