"""Each file of docs/shapes.md lands through the feed beside it as the rows below it."""

from __future__ import annotations

import csv
import io
import re
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import NamedTuple

import openpyxl
import pytest
import yaml
from landing_home import Home

from saydo.landing import check_feeds

PAGE = Path(__file__).resolve().parents[3] / "docs" / "shapes.md"
FENCE = re.compile(r"^```(\w+) (.*?)\n(.*?)^```", re.MULTILINE | re.DOTALL)


class Example(NamedTuple):
    file: str
    content: str
    feeds: str
    rows: str


BLOCKS = [match.groups() for match in FENCE.finditer(PAGE.read_text(encoding="utf-8"))]
EXAMPLES = [
    Example(file[1].removeprefix("landing/"), file[2], feeds[2], rows[2])
    for file, feeds, rows in zip(BLOCKS[::3], BLOCKS[1::3], BLOCKS[2::3], strict=True)
]


def workbook(text: str) -> bytes:
    """The rows as a sheet: days and numbers are such, what has a leading zero is text."""
    book = openpyxl.Workbook()
    book.active.title = "Answers"
    for row in csv.reader(io.StringIO(text)):
        cells: list[object] = [cell or None for cell in row]
        for index, cell in enumerate(row):
            with suppress(ValueError):
                cells[index] = date.fromisoformat(cell) if "-" in cell else cells[index]
            if cell.isdigit() and not cell.startswith("0"):
                cells[index] = int(cell)
        book.active.append(cells)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.file)
def test_a_documented_file_lands_as_the_rows_below_it(home: Home, example: Example) -> None:
    is_book = example.file.endswith(".xlsx")
    home.deliver(workbook(example.content) if is_book else example.content, example.file)
    home.config = yaml.safe_load(example.feeds)
    home.policy = {"gate": {"max_future_days": 400}}
    assert check_feeds(home.settings) == []
    home.land()
    found = home.rows(
        "response_id, question_code, coalesce(score::integer::varchar, '')", "survey_responses"
    )
    expected = [tuple(row) for row in csv.reader(io.StringIO(example.rows))]
    assert sorted(found) == sorted(expected)
    (batch,) = home.ledger()
    assert batch.quarantined_count == 0
    assert set(batch.question_texts) <= {row[1] for row in expected}


def test_every_shape_has_an_example() -> None:
    assert len(EXAMPLES) == 5
    assert sum("unnest" in example.feeds for example in EXAMPLES) == 1
    assert sum("header_rows" in example.feeds for example in EXAMPLES) == 3
