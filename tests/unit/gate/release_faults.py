"""What may be wrong with what a candidate tells of releases: (SQL, rules that fail)."""

from __future__ import annotations

from gate_candidate import FIGURES, HISTORY, RESTATED

from expectations.marts import published_figures, restatement_log

OF_TABLES = "figures are those of the tables that they are about"

FAILING_OF_RELEASES = {
    # release_history
    "two current releases": (
        f"insert into {HISTORY} select 'r' || n, 'hash', true, '2025-01-01', '2025-01-01' "
        "from range(2) as numbers(n)",
        {"one release at most is current"},
    ),
    "a release twice": (
        f"insert into {HISTORY} select 'r', null, false, '2025-01-01', '2025-01-01' from range(2)",
        {
            "expect_column_values_to_be_unique(release_id)",
            "expect_column_values_to_not_be_null(content_hash)",
        },
    ),
    # published_figures
    "a figure that no table has": (
        f"update {FIGURES} set value = 4 where column_name = 'customer_count'",
        {OF_TABLES},
    ),
    "a figure twice": (
        f"insert into {FIGURES} from {FIGURES} where key = '2025-01'",
        {f"expect_compound_columns_to_be_unique({', '.join(published_figures.KEY)})"},
    ),
    # restatement_log
    "35 a figure that changed without a word": (
        f"delete from {RESTATED} where changed_in_release is null",
        {"every month that was over and has changed is in the log"},
    ),
    "a change that is none": (
        f"update {RESTATED} set old = new where changed_in_release = 'r0'",
        {"what is in the log did change"},
    ),
    "a log that forgets": (
        f"delete from {RESTATED} where changed_in_release = 'r0'",
        {"what earlier releases told is told still"},
    ),
    "a restatement twice": (
        f"insert into {RESTATED} from {RESTATED} where changed_in_release = 'r0'",
        {f"expect_compound_columns_to_be_unique({', '.join(restatement_log.KEY)})"},
    ),
}
