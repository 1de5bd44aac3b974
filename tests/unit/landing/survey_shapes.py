"""A wide and a nested survey, the feeds that read them, and what came of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from landing_home import Home

CASE = Path(__file__).resolve().parents[4] / "shared" / "cases" / "wide_survey" / "landing"
COLUMNS = {
    "response_id": "id",
    "survey_code": "'s'",
    "question_code": "question_code",
    "id_type": "'account_id'",
    "id_value": "who",
    "responded_at": "answered",
    "score": "score",
}
WIDE: dict[str, Any] = {
    "name": "wide",
    "source": "survey_responses",
    "path": "wide*",
    "format": "csv",
    "timezone": "UTC",
    "unpivot": {"columns": ["q1", "q2_*"], "name": "question_code", "value": "score"},
    "columns": COLUMNS,
    "expect": {"max_reject_ratio": 1},
}
NESTED: dict[str, Any] = WIDE | {
    "name": "nested",
    "path": "nested*",
    "format": "json",
    "unpivot": None,
    "unnest": {"column": "answers", "as": "answer"},
    "columns": COLUMNS | {"question_code": "answer.q", "score": "answer.v"},
}
HEAD = "id,who,answered,q1,q2_1,q2_2"
ROWS = "response_id, question_code, score::double, _line_number"


def response(number: int, *answers: object) -> str:
    return ",".join(map(str, (f"r{number}", f"a{number}", "2024-03-01 10:00:00", *answers)))


def record(number: int, answers: object, **more: object) -> str:
    row = {"id": f"r{number}", "who": f"a{number}", "answered": "2024-03-01T10:00:00Z"}
    return json.dumps(row | {"answers": answers} | more)


def deliver(home: Home, *lines: str, name: str = "wide.csv") -> Path:
    return home.deliver("\n".join(lines) + "\n", name)


def landed(home: Home) -> list[tuple[Any, ...]]:
    return sorted(home.rows(ROWS, "survey_responses"))


def bad(home: Home) -> list[tuple[Any, ...]]:
    return sorted(home.quarantined("line_number, column_name, reason_code"))
