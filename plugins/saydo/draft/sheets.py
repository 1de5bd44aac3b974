"""The sheets of a workbook that can be seen, as rows of text: read as landing reads them."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterator
from pathlib import Path

from saydo.config import Feed
from saydo.errors import DeliveryRefused
from saydo.landing.unpacking import Damaged
from saydo.landing.workbooks import read_note, write_text

Rows = list[list[str | None]]


def sheets_of(file: Path, name: str, most: int) -> Iterator[tuple[str, Rows, list[int], str]]:
    """Each sheet: its name, its first rows, their numbers, and its columns' letters (`A:F`).

    Args:
        file: the workbook.
        name: its name below landing/, for messages.
        most: rows that are read of each.

    Raises:
        DeliveryRefused: it is no workbook, has a password, or merges cells that hold rows.
        Damaged: it cannot be unpacked.
    """
    for sheet in _names(file, name):
        feed = Feed(
            name="draft", source="accounts", path="*", format="xlsx", columns={},
            options={"sheet": sheet} if sheet else {},
        )  # fmt: skip
        with tempfile.TemporaryDirectory() as folder:
            text = Path(folder) / "sheet.data"
            write_text(feed, file, name, text, most)
            note = read_note(text)
            with text.open(encoding="utf-8", newline="") as stream:
                read = list(csv.reader(stream))
        rows: Rows = [[cell or None for cell in row] for row in note.head]
        rows += [[cell or None for cell in row[:-1]] for row in read]
        first = int(read[0][-1]) - 1 if read else 1
        numbers = [first] * len(note.head) + [int(row[-1]) for row in read]
        yield sheet, rows, numbers, f"{note.letters[0]}:{note.letters[-1]}"


def _names(file: Path, name: str) -> list[str]:
    import python_calamine as calamine  # only workbooks need it

    try:
        with calamine.CalamineWorkbook.from_path(str(file)) as book:
            sheets = [m for m in book.sheets_metadata if str(m.typ).endswith("WorkSheet")]
            seen = [sheet.name for sheet in sheets if str(sheet.visible).endswith(".Visible")]
            return seen or [""]
    except (calamine.CalamineError, OSError):
        return [""]  # whoever reads it tells why


def reason(error: Exception) -> str:
    """Why a workbook cannot be read, without the name of the feed that it has not yet."""
    if isinstance(error, Damaged):
        return "it is damaged, or unpacks to far more than a workbook can be: save it again"
    told = str(error).partition(": file ")[2].partition(": ")[2] or str(error)
    return told.replace("feeds.draft.", "")


REFUSED = (DeliveryRefused, Damaged)
