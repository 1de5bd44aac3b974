"""A sheet of a workbook as the text that a CSV is read from, each row with its own number.

From there on a workbook is landed as any other table: what a value was is decided by the canonical
type. Dates and times are written as ISO ones, whole numbers without a decimal point, and text stays
text. The names, texts and place of the table are kept in a note beside the text.
"""

from __future__ import annotations

import csv
import json
import mmap
import os
import re
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from itertools import chain, islice, repeat
from pathlib import Path
from typing import Any
from xml.parsers.expat import ExpatError

import duckdb

from saydo.config import Feed
from saydo.landing.cells import cells_without_value, column_letters, column_number
from saydo.landing.headers import check_head, check_names, labels_of
from saydo.landing.relations import Relation, nothing_in, refusal
from saydo.landing.unpacking import check_unpacked
from saydo.sql import literal

RANGE = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})?:([A-Za-z]{1,3})([0-9]{1,7})?")
_OLD = b"\xd0\xcf\x11\xe0"  # of a compound file: an old workbook, or one with a password
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_MOST_DIGITS = 10**15  # a spreadsheet keeps no more than 15
_SHOWN = 5
ROW_NUMBER = "saydo line"
_NOTE = ".note"


@dataclass(frozen=True)
class SheetNote:
    """What a sheet's text leaves out: its name, its header rows and each column's letters."""

    sheet: str
    head: list[list[str]]
    letters: list[str]


def read_note(text: Path) -> SheetNote:
    """The note beside a sheet's text."""
    return SheetNote(**json.loads(text.with_suffix(_NOTE).read_text(encoding="utf-8")))


def write_text(
    feed: Feed, file: Path, file_name: str, target: Path, most_rows: int | None = None
) -> None:
    """Write a workbook's sheet as CSV without its header rows, and the note beside it.

    The last column is the row's number in the sheet. Rows without any value are left out, as blank
    lines of a CSV are. Both files are readable by their owner only.

    Args:
        feed: its sheet, range and header rows.
        file: the workbook.
        file_name: its name below landing/.
        target: of the text.
        most_rows: stop after so many rows.

    Raises:
        DeliveryRefused: it is no workbook, has a password, has not the one sheet that is meant, or
            merges cells that hold rows; the message names the sheet and cells.
        Overpacked: it unpacks to far more than a workbook can be.
    """
    _check_kind(feed, file, file_name)
    import python_calamine as calamine  # only feeds of workbooks need it

    try:
        with zipfile.ZipFile(file) as archive:
            check_unpacked(file.stat().st_size, sum(part.file_size for part in archive.infolist()))
            with calamine.CalamineWorkbook.from_path(str(file)) as book:
                sheet = _sheet_of(feed, file_name, book)
                lacking = cells_without_value(archive, sheet.name)
                _write(feed, file_name, sheet, lacking, target, most_rows)
    except (zipfile.BadZipFile, KeyError, StopIteration, ExpatError, calamine.CalamineError):
        what = "it is no whole workbook (.xlsx): damaged, cut off or another format"
        raise refusal(feed, file_name, what, "save it as .xlsx and deliver it again") from None


def workbook_relation(
    connection: duckdb.DuckDBPyConnection, feed: Feed, file: Path, file_name: str, start: bytes
) -> Relation:
    """The columns of a sheet's text, which `write_text` wrote. See `reader.relation`."""
    note = read_note(file)
    width = len(note.letters)
    header = note.head[0] if note.head else [""] * width
    given = list(feed.options.get("names") or header)
    names = check_names(feed, file_name, (given + [""] * width)[:width])
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names)
    settings = "auto_detect = false, header = false, delim = ',', quote = '\"', escape = '\"'"
    return Relation(
        f"read_csv({literal(str(file))}, columns = {{{columns}, {literal(ROW_NUMBER)}: 'BIGINT'}}, "
        f"{settings})",
        dict.fromkeys(names, "VARCHAR"),
        1,
        False,
        {name: written for name, written in zip(names, header, strict=False) if written},
        line_column=ROW_NUMBER,
        feed=feed.name,
        labels=labels_of(names, note.head),
        cells={
            name: f"{note.sheet}!{letters}"
            for name, letters in zip(names, note.letters, strict=True)
        },
    )


def _check_kind(feed: Feed, file: Path, file_name: str) -> None:
    """Refuse by its first bytes what is no workbook, before anything reads it."""
    with file.open("rb") as stream:
        start = stream.read(512)
        if not start:
            raise nothing_in(feed, file_name)
        if start.startswith(b"PK"):
            return
        if start.startswith(_OLD):
            with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as whole:
                is_locked = whole.find(_ENCRYPTED) >= 0
            if is_locked:
                what, advice = "it has a password", "deliver it without one"
            else:
                what, advice = "it is an old workbook (.xls)", "save it as .xlsx and deliver that"
            raise refusal(feed, file_name, what, advice)
    is_text = b"\0" not in start
    what = "it is no workbook" + (" but text" if is_text else "")
    advice = f"set feeds.{feed.name}.format: csv" if is_text else "deliver it as .xlsx"
    raise refusal(feed, file_name, what, advice)


def _sheet_of(feed: Feed, file_name: str, book: Any) -> Any:
    """The sheet that a feed names, or the one that can be seen."""
    sheets = [m for m in book.sheets_metadata if str(m.typ).endswith("WorkSheet")]
    seen = [sheet.name for sheet in sheets if str(sheet.visible).endswith(".Visible")]
    hidden = [sheet.name for sheet in sheets if sheet.name not in seen]
    named = feed.options.get("sheet")
    option = f"feeds.{feed.name}.options.sheet"
    if named is None and len(seen) == 1:
        named = seen[0]
    if named in (sheet.name for sheet in sheets):
        return book.get_sheet_by_name(named)
    listed = ", ".join(map(repr, seen)) or "none"
    listed += f"; hidden: {', '.join(map(repr, hidden))}" if hidden else ""
    what = f"it has no sheet {named!r}" if named is not None else "which sheet is meant is not said"
    raise refusal(feed, file_name, f"{what} (its sheets: {listed})", f"name one in {option}")


def _write(
    feed: Feed,
    file_name: str,
    sheet: Any,
    lacking: dict[tuple[int, int], str],
    target: Path,
    most_rows: int | None,
) -> None:
    top, left, bottom, right = _region(feed, sheet, lacking)
    if top > bottom or left > right:
        within = " in the feed's range" if "range" in feed.options else ""
        what = f"its sheet {sheet.name!r} is empty{within}"
        raise refusal(feed, file_name, what, "deliver it again, or name another sheet or range")
    rows = _rows(sheet, lacking, (top, left, bottom, right))
    head: list[list[str]] = []
    last = top
    if feed.options.get("header", True):
        for number, row in rows:
            head.append([cell.strip() for cell in row])
            last = number
            if len(head) == feed.header_rows:
                break
    _check_merged(feed, file_name, sheet, (last, left, bottom, right))
    if feed.options.get("header", True):
        check_head(feed, file_name, head)
    letters = [column_letters(number) for number in range(left, right + 1)]
    note = json.dumps(asdict(SheetNote(sheet.name, head, letters)))
    with _private(target.with_suffix(_NOTE)) as beside:
        beside.write(note)
    with _private(target) as text:
        writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
        for count, (number, row) in enumerate(rows):
            if count == most_rows:
                break
            writer.writerow([*row, number])


def _private(file: Path) -> Any:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    return open(descriptor, "w", encoding="utf-8", newline="")  # noqa: PTH123


def _region(
    feed: Feed, sheet: Any, lacking: dict[tuple[int, int], str]
) -> tuple[int, int, int, int]:
    """First row and column, last row and column of the table, from 0."""
    used = [*(([sheet.start, sheet.end]) if sheet.start else []), *lacking]
    top, left = (min(place[axis] for place in used) if used else 0 for axis in (0, 1))
    bottom, right = (max(place[axis] for place in used) if used else -1 for axis in (0, 1))
    if match := RANGE.fullmatch(str(feed.options.get("range", ""))):
        first, from_row, last, to_row = match.groups()
        left, right = column_number(first), column_number(last)
        top = int(from_row) - 1 if from_row else top
        bottom = min(int(to_row) - 1, bottom) if to_row else bottom
    return top, left, bottom, right


def _rows(
    sheet: Any, lacking: dict[tuple[int, int], str], region: tuple[int, int, int, int]
) -> Iterator[tuple[int, list[str]]]:
    """Each row of a region that holds something: its number as a spreadsheet shows it, its texts.

    The reader gives rows from the sheet's first one on, and columns from its first used one on.
    """
    top, left, bottom, right = region
    offset = sheet.start[1] if sheet.start else 0
    width = right - left + 1
    lacking_rows = {row for row, _ in lacking}
    held = chain(sheet.iter_rows() if sheet.start else (), repeat([]))
    for number, cells in islice(enumerate(held), top, bottom + 1):
        row = [""] * max(offset - left, 0) + [
            _text(cell) for cell in cells[max(left - offset, 0) :]
        ]
        row = (row + [""] * width)[:width]
        if number in lacking_rows:
            for column in range(left, right + 1):
                row[column - left] = lacking.get((number, column), row[column - left])
        if any(row):
            yield number + 1, row


def _text(value: object) -> str:
    """A cell as text: ISO dates and times, whole numbers without a point, text as it is."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if abs(value) >= _MOST_DIGITS:  # what is beyond its digits is lost: said so, not made up
            return f"{value:.15G}"
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        seconds = round(value.total_seconds())
        return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return str(value)


def _check_merged(
    feed: Feed, file_name: str, sheet: Any, region: tuple[int, int, int, int]
) -> None:
    """Refuse merged cells below the header: all but the first of them hold nothing.

    `region` begins with the number of the last header row.
    """
    top, left, bottom, right = region
    merged = [
        f"{column_letters(begin[1])}{begin[0] + 1}:{column_letters(end[1])}{end[0] + 1}"
        for begin, end in sheet.merged_cell_ranges or ()
        if end[0] >= top and begin[0] <= bottom and end[1] >= left and begin[1] <= right
    ]
    if merged:
        more = ", …" if len(merged) > _SHOWN else ""
        raise refusal(
            feed,
            file_name,
            f"cells of its rows are merged, so that only the first of each holds the value: "
            f"{sheet.name}!{', '.join(merged[:_SHOWN])}{more}",
            "split them and fill each, or leave them out by "
            f"feeds.{feed.name}.options.range, and deliver it again",
        )
