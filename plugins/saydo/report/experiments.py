"""What experiments found, beside what is seen without one."""

from __future__ import annotations

from collections.abc import Sequence

from saydo.report.section import Row, Rows, Section
from saydo.report.wording import plain, with_interval

EXPERIMENTS_SQL = """\
select experiment_code, variant_code, metric_code, unit, customer_count, difference, ci_low,
    ci_high, adjusted_p_value, sample_ratio_p_value, link, link_estimate, observational_estimate,
    link_agreement, is_valid, why_not
from experiment_readouts
where segment_type = 'all' and not is_control
order by experiment_code, variant_code, metric_code"""

SURE = 0.05  # chance of a difference as large if there were none


def _say(rows: Rows) -> Sequence[str]:
    valid = [row for row in rows if row["is_valid"] and row["difference"] is not None]
    moved = [row for row in valid if (row["adjusted_p_value"] or 0) < SURE]
    found = [f"{_who(row)} moved {plain(row['metric_code'])} by {_words(row)}." for row in moved]
    if not found:
        found = ["No experiment has moved anything for sure."]
    held = len(rows) - len(valid)
    return [*found, f"{held} of {len(rows)} readouts are not valid."] if held else found


def _who(row: Row) -> str:
    return f"{plain(row['variant_code'])} ({plain(row['experiment_code'])})".capitalize()


def _words(row: Row) -> str:
    return f"{with_interval(row['difference'], row['ci_low'], row['ci_high'])} {row['unit']}"


EXPERIMENTS = Section(
    "experiments", "What experiments found", EXPERIMENTS_SQL, _say, is_silent=True
)
