"""What the suite of data_readiness must find, by the claim."""

from __future__ import annotations

from gate_candidate import READINESS

FAILING_OF_READINESS = {
    "25 facts that lost their owner": (
        "update staging.stg_operations__published_readiness set match_ratio = 1; "
        f"update {READINESS} set match_ratio = 0.975",
        {
            "a source finds owners as it did, to within 2.0% of its facts",
            "warning: at most 0.5% of a source's facts belong to nobody",
        },
    ),
    "20 days told as totals and in sessions": (
        "update intermediate.int_network_sessions_summarised_to_identifier_days "
        "set has_total = true",
        {"warning: no day of network usage is delivered both as a total and in sessions"},
    ),
    "25 a few facts without an owner": (
        f"update {READINESS} set match_ratio = 0.98",
        {"warning: at most 0.5% of a source's facts belong to nobody"},
    ),
    "25 many facts without an owner": (
        f"update {READINESS} set match_ratio = 0.9",
        {
            "warning: at most 0.5% of a source's facts belong to nobody",
            "at most 5.0% of a source's facts belong to nobody",
            "a source finds owners as it did, to within 2.0% of its facts",
        },
    ),
    "a ratio above one": (
        f"update {READINESS} set coverage_ratio = 1.2, completeness_ratio = -0.1, match_ratio = 2",
        {
            "expect_column_values_to_be_between(completeness_ratio)",
            "expect_column_values_to_be_between(match_ratio)",
            "expect_column_values_to_be_between(coverage_ratio)",
        },
    ),
    "an unknown grade": (
        f"update {READINESS} set grade = 'G'",
        {"expect_column_values_to_be_in_set(grade)"},
    ),
    "late, and no deadline that it missed": (
        f"update {READINESS} set is_late = true, grade = 'C'",
        {"a source that is late has a deadline, and is graded C at best"},
    ),
    "late, and graded as if it were there": (
        f"update {READINESS} set is_late = true, expected_by_at = timestamp '2025-03-10 06:00:00'",
        {"a source that is late has a deadline, and is graded C at best"},
    ),
    "nothing said of whether it is late": (
        f"update {READINESS} set is_late = null",
        {"expect_column_values_to_not_be_null(is_late)"},
    ),
}
