"""The ledger: what was believed, what was done about it, and what came of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from saydo.report.section import Rows, Section
from saydo.report.tables import Table, table
from saydo.report.wording import listed, plain

LEDGER_SQL = """\
select decision_id, decision_type, code, version, decided_at, owner, subject_count, evidence,
    expected_effect, measured_effect, ci_low, ci_high, unit, verdict
from decision_log
order by
    case verdict when 'harmed' then 1 when 'helped' then 2 when 'no_difference' then 3
        when 'too_early' then 4 else 5 end,
    decided_at desc, decision_id"""

_VERDICTS = {
    "helped": "helped",
    "harmed": "did harm",
    "no_difference": "made no difference that is sure",
    "too_early": "cannot be told yet",
    "not_measurable": "cannot be measured",
}


def _say(rows: Rows) -> Sequence[str]:
    found = Counter(row["verdict"] for row in rows)
    counts = listed(f"{found[code]} {words}" for code, words in _VERDICTS.items() if found[code])
    told = [f"Of {len(rows)} decision{'s' * (len(rows) != 1)}, {counts}."]
    against = [row["code"] for row in rows if row["verdict"] == "harmed"]
    if against:
        told.append(f"Contradicted by what came of it: {listed(map(plain, against))}.")
    return told


def _tabulate(rows: Rows) -> Table:
    """A line for each decision: believed, done, come of it, verdict."""
    heads = ["decided", "what", "owner", "what we believed", "what we did", "what came of it",
             "verdict"]  # fmt: skip
    return table(
        heads,
        [
            [
                row["decided_at"].date(),
                f"{plain(row['decision_type'])} {row['code']}, version {row['version']}",
                row["owner"],
                row["expected_effect"],
                f"{row['subject_count']:,}: {row['evidence']}",
                _came_of(row),
                plain(row["verdict"]),
            ]
            for row in rows
        ],
    )


def _came_of(row: dict) -> str | None:
    if row["measured_effect"] is None:
        return None
    effect, low, high = (
        f"{float(row[name]):.3f}".replace("-", "−")
        for name in ("measured_effect", "ci_low", "ci_high")
    )
    return f"{effect} ({low} to {high}) {row['unit']}"


LEDGER = Section(
    "ledger", "What was decided, and what came of it", LEDGER_SQL, _say, tabulate=_tabulate,
    is_silent=True,
    note="Effects are differences from those who were left alone, or are not in it, with 95% "
    "intervals. What was contradicted stays listed, also when it is given up.",
)  # fmt: skip
