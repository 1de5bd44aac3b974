"""What the report tells, in the order in which it is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from saydo.report.chain import CHAIN, PARTS
from saydo.report.circles import CIRCLES
from saydo.report.customers import BANDS, SAY_DO
from saydo.report.drivers import DRIVERS
from saydo.report.experiments import EXPERIMENTS
from saydo.report.journeys import JOURNEYS
from saydo.report.ledger import LEDGER
from saydo.report.questions import QUESTIONS
from saydo.report.revenue import BRIDGE, COHORTS
from saydo.report.scores import MONTHS, NPS
from saydo.report.section import Rows, Section
from saydo.report.stake import STAKE
from saydo.report.wording import listed

SECTIONS = (
    STAKE, CHAIN, PARTS, EXPERIMENTS, JOURNEYS, CIRCLES, LEDGER, MONTHS, NPS, QUESTIONS, BRIDGE,
    COHORTS, SAY_DO, BANDS, DRIVERS,
)  # fmt: skip

READINESS_SQL = """\
select source, feature, grade, why, loaded_count, quarantined_count, match_ratio, coverage_ratio,
    last_event_at
from data_readiness
order by source, feature"""


def _grades(rows: Rows) -> Sequence[str]:
    found = Counter(row["grade"] for row in rows)
    counts = listed(f"{count} {grade}" for grade, count in sorted(found.items()))
    return [f"Grades of {len(rows)} features of the sources, A is best: {counts}."]


READINESS = Section("readiness", "What the data can bear", READINESS_SQL, _grades)
