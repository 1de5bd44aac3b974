"""Workbooks: a sheet is a table; what a spreadsheet does to values is told by sheet and cell."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import openpyxl
import pytest
from landing_home import Home
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.workbook import Workbook

from saydo.errors import ConfigError, DeliveryRefused
from saydo.landing import Batch, check_feeds, quarantine_summary, replay_batch
from saydo.landing.workbooks import write_text

BOOK: dict[str, Any] = {
    "name": "book",
    "source": "survey_responses",
    "path": "book*",
    "format": "xlsx",
    "timezone": "UTC",
    "columns": {
        "response_id": "id",
        "survey_code": "'s'",
        "question_code": "'q'",
        "id_type": "'account_id'",
        "id_value": "who",
        "responded_at": "answered",
        "score": "score",
    },
    "expect": {"max_reject_ratio": 1},
}
HEAD = ["id", "who", "answered", "score"]
GOOD = ["r1", "a1", datetime(2024, 3, 1, 10, 5), 7]
ROWS = "response_id, question_code, score::double, _line_number"


def book_of(*rows: list[object], title: str = "Answers") -> Workbook:
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    return book


def deliver(home: Home, book: Workbook, name: str = "book.xlsx") -> bytes:
    content = io.BytesIO()
    book.save(content)
    home.deliver(content.getvalue(), name)
    return content.getvalue()


def landed(home: Home) -> list[tuple[Any, ...]]:
    return sorted(home.rows(ROWS, "survey_responses"))


def refused(home: Home) -> str:
    with pytest.raises(DeliveryRefused) as caught:
        home.land()
    # What a landing refuses, a check finds in the same words.
    assert any(problem.reason in str(caught.value) for problem in check_feeds(home.settings))
    assert landed_nothing(home)
    return str(caught.value)


def landed_nothing(home: Home) -> bool:
    return home.leftovers() == [] and not list((home.folder / "tmp").rglob("delivered*"))


@pytest.mark.parametrize("is_mac", [False, True])
def test_values_are_what_they_are_in_either_calendar(home: Home, is_mac: bool) -> None:
    book = openpyxl.Workbook()
    if is_mac:
        book.epoch = CALENDAR_MAC_1904
    values = [
        *("text", "007", "1e5", " padded ", "two\nlines", 'a "quote", and'),
        *(datetime(2024, 3, 1, 10, 5, 30), datetime(1905, 2, 28, 23, 59, 59), date(2024, 2, 29)),
        *(time(10, 30), timedelta(hours=30), 5, -5.0, 5.25, 0.1, 10**14, 123456789012345678),
        *(True, False, None),
    ]
    book.active.append([f"c{number}" for number in range(len(values))])
    book.active.append(values)
    deliver(home, book)
    home.feed(BOOK)
    text = home.folder / "text.data"
    (feed,) = home.settings.feeds.feeds
    write_text(feed, home.folder / "landing" / "book.xlsx", "book.xlsx", text)
    (row,) = csv.reader(io.StringIO(text.read_text()))
    assert row == [
        *("text", "007", "1e5", " padded ", "two\nlines", 'a "quote", and'),
        *("2024-03-01 10:05:30", "1905-02-28 23:59:59", "2024-02-29"),
        *("10:30:00", "30:00:00", "5", "-5", "5.25", "0.1", "100000000000000"),
        *("1.23456789012346E+17", "true", "false", "", "2"),
    ]
    assert text.stat().st_mode & 0o077 == 0


def test_a_sheet_lands_with_its_own_row_numbers(
    home: Home, reconciles: Callable[[Batch], bool]
) -> None:
    book = book_of(["A title"], [], HEAD, GOOD, [], ["r2", 42, date(2024, 3, 2), "8"])
    book.active["B9"] = "a total"
    deliver(home, book)
    home.feed(BOOK, options={"range": "A3:D8"}, columns={"response_id": "id || line_number"})
    assert check_feeds(home.settings) == []
    home.land()
    assert landed(home) == [("r14", "q", 7, 4), ("r26", "q", 8, 6)]
    assert reconciles(home.ledger()[0])
    assert not list((home.folder / "tmp").rglob("delivered*"))


def test_a_wide_sheet_with_question_texts_is_one_feed(home: Home) -> None:
    head = ["id", "who", "answered", "q1", None, None]
    texts = ["ID", "Who?", "When?", "Would you?", "Rate us", None]
    book = book_of(["x"], head, texts, ["r1", "a1", date(2024, 3, 1), 5, 4, None])
    book.active.append(["r2", "a2", date(2024, 3, 1), "many", 11, 3])
    book.active.merge_cells("A1:F1")
    book.active.merge_cells("D2:F2")
    deliver(home, book)
    unpivot = {"columns": ["q1", "column*"], "name": "question_code", "value": "score"}
    columns = {"question_code": "question_code"}
    shape = {"header_rows": 2, "unpivot": unpivot, "options": {"range": "A2:F"}}
    home.feed(BOOK, columns=columns, **shape)
    home.land()
    assert landed(home) == [
        ("r1", "column5", 4, 4),
        ("r1", "q1", 5, 4),
        ("r2", "column6", 3, 5),
    ]
    assert sorted(home.quarantined("_place, column_name, reason_code")) == [
        ("Answers!D5", "q1", "cannot_be_typed"),
        ("Answers!E5", "column5", "outside_scale"),
    ]
    (batch,) = home.ledger()
    assert batch.question_texts == {"q1": "q1 - Would you?", "column5": "q1 - Rate us"}
    examples = [row.examples for row in quarantine_summary(home.settings)]
    assert sorted(examples) == [["book.xlsx:Answers!D5"], ["book.xlsx:Answers!E5"]]
    columns["score"] = "least(try_cast(replace(score, 'many', '9') as double), 10)"
    home.feed(BOOK, columns=columns, **shape)
    assert replay_batch(home.settings, batch.batch_id)["loaded_count"] == 2


def test_errors_and_formulas_without_a_value_are_told_by_cell(home: Home) -> None:
    book = book_of(HEAD, GOOD, ["r2", "a2", date(2024, 3, 1), "=1+2"])
    book.active.append(["r3", "a3", date(2024, 3, 1), 5])
    book.active["B4"] = "#N/A"
    book.active["B4"].data_type = "e"
    book.active["E4"] = "=never mapped"
    deliver(home, book)
    home.feed(BOOK)
    home.land()
    assert landed(home) == [("r1", "q", 7, 2)]
    assert sorted(home.quarantined("_place, reason_code")) == [
        ("Answers!B4", "spreadsheet_error"),
        ("Answers!D3", "formula_without_value"),
    ]
    home.feed(BOOK, expect={"max_reject_ratio": 0}, timezone="Europe/London")
    with pytest.raises(DeliveryRefused, match=r"Answers!D3: score is a formula .* save it"):
        home.land()
    found = {problem.reason for problem in check_feeds(home.settings)}
    assert any("(Answers!B4)" in reason and "nullif(…, '#N/A')" in reason for reason in found)
    home.feed(BOOK, columns={"id_value": "nullif(who, '#N/A')"}, where="who <> '#N/A'")
    home.land()
    assert home.ledger()[-1].filtered_count == 1


def test_a_sheet_of_nothing_but_formulas_without_values_is_not_empty(home: Home) -> None:
    deliver(home, book_of(HEAD, ["=A9", "=B9", "=C9", "=D9"]))
    home.feed(BOOK)
    home.land()
    assert home.quarantined("_place, reason_code") == [("Answers!A2", "formula_without_value")]


def test_the_one_sheet_that_can_be_seen_is_read_and_any_other_by_name(home: Home) -> None:
    book = book_of(HEAD, GOOD)
    hidden = book.create_sheet("Codes")
    hidden.append(HEAD)
    hidden.append(["h1", "a1", date(2024, 3, 1), 1])
    hidden.sheet_state = "hidden"
    deliver(home, book)
    home.feed(BOOK)
    home.land()
    assert [row[0] for row in landed(home)] == ["r1"]
    home.feed(BOOK, options={"sheet": "Codes"})
    home.land()
    assert [row[0] for row in landed(home)] == ["h1"]


def test_sheets_among_which_nothing_chooses_are_named(home: Home) -> None:
    book = book_of(HEAD, GOOD)
    book.create_sheet("More")
    book.create_sheet("Codes").sheet_state = "veryHidden"
    deliver(home, book)
    home.feed(BOOK)
    assert "its sheets: 'Answers', 'More'; hidden: 'Codes'" in refused(home)
    home.feed(BOOK, options={"sheet": "Lost"})
    assert "no sheet 'Lost'" in refused(home)
    home.feed(BOOK, options={"sheet": "More"})
    assert "its sheet 'More' is empty" in refused(home)


def test_merged_cells_below_the_header_are_named(home: Home) -> None:
    book = book_of(HEAD, GOOD, ["r2", "a2", date(2024, 3, 1), 5])
    book.active.merge_cells("B2:B3")
    deliver(home, book)
    home.feed(BOOK)
    assert "Answers!B2:B3" in refused(home)


def a_workbook() -> bytes:
    content = io.BytesIO()
    book_of(HEAD, GOOD).save(content)
    return content.getvalue()


def another_zip() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("x.txt", "x")
    return content.getvalue()


COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1024)
NO_WORKBOOKS = {
    "has a password": COMPOUND + "EncryptedPackage".encode("utf-16-le"),
    "is an old workbook": COMPOUND,
    "is no workbook but text; set feeds.book.format: csv": b"id,who\n1,2\n",
    "is no workbook; deliver it as .xlsx": b"\x1f\x8b\x00\x01",
    "is no whole workbook": a_workbook()[:-2000],
    "no whole workbook": another_zip(),
    "it is empty": b"",
}


@pytest.mark.parametrize("words", NO_WORKBOOKS)
def test_what_is_no_workbook_says_what_it_is(home: Home, words: str) -> None:
    home.deliver(NO_WORKBOOKS[words], "book.xlsx")
    home.feed(BOOK)
    assert words in refused(home)


def test_a_workbook_that_unpacks_without_end_is_refused(home: Home) -> None:
    content = io.BytesIO(a_workbook())
    with zipfile.ZipFile(content, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/x", bytes(100 << 20))
    home.deliver(content.getvalue(), "book.xlsx")
    home.feed(BOOK)
    assert "unpacks to more than 100 times its size" in refused(home)


@pytest.mark.parametrize("given", ["A3", "3:4", "A3:F200:G", "Sheet1!A3:B4"])
def test_a_range_that_is_none_is_refused(home: Home, given: str) -> None:
    home.feed(BOOK, options={"range": given})
    deliver(home, book_of(HEAD, GOOD))
    with pytest.raises(ConfigError, match=r"options\.range: must be like A3:F200"):
        home.land()


def test_a_sheet_without_a_header_takes_names(home: Home) -> None:
    deliver(home, book_of(GOOD))
    home.feed(BOOK, options={"header": False, "names": HEAD})
    home.land()
    assert landed(home) == [("r1", "q", 7, 1)]
