"""A delivered file as the engine sees it, and the words for one that may not go in."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from saydo.config import Feed
from saydo.errors import DeliveryRefused
from saydo.landing.encodings import advice, looks_like
from saydo.landing.unpacking import MOST_TIMES, Damaged, Overpacked
from saydo.room import lack_of
from saydo.sql import literal, quoted


@dataclass(frozen=True)
class Shape:
    """How a relation makes several rows of a delivered one.

    Its `sql` has, beside its types, the columns `ROW`, `ELEMENT` (the delivered column or list
    element that a row is of) and `FAULT` (a number of `faults`, or null).
    """

    table: str  # holds the delivered rows; `ROW` is its rowid
    columns: frozenset[str]  # those that hold what an element says, in lower case
    faults: tuple[tuple[int, str, str], ...]  # number, reason code, reason
    json: dict[str, str]  # names of elements to SQL of their JSON
    value: str | None = None  # of `columns`, the one that holds an unpivoted answer


ROW, ELEMENT, FAULT = "saydo row", "saydo element", "saydo fault"
# Reasons told of a row even where the feed's `where` would leave it out.
BEFORE_WHERE = frozenset({"repeated_header", "empty_record", "not_a_list", "list_in_list"})


@dataclass(frozen=True)
class Relation:
    """A file as the engine sees it. `types` maps each of its columns to the engine's type."""

    sql: str
    types: dict[str, str]
    first_line: int  # line number of the first record
    has_rejects: bool  # the engine keeps records it could not split in `reject_errors`
    header: dict[str, str] = field(default_factory=dict)  # of a CSV: each column's as written
    csv: tuple[Path, dict[str, str]] | None = None  # what `sql` reads, and the reader's settings
    line_column: str | None = None  # a column that holds the line number, if not the row order
    feed: str = ""
    text_file: Path | None = None  # a CSV, or JSON of one object a line
    set_aside: Path | None = None  # lines of JSON that are none, which `sql` does not read
    line_shift: int = 0  # lines before the first record that the engine does not count
    labels: dict[str, str] = field(default_factory=dict)  # of columns: a second header row's texts
    cells: dict[str, str] = field(default_factory=dict)  # of a workbook: column to `Sheet1!B`
    delivered: dict[str, str] = field(default_factory=dict)  # what the file has, if not `types`
    shape: Shape | None = None  # how delivered rows were made more

    @property
    def file_types(self) -> dict[str, str]:
        """The delivered columns: those of a row that is kept as it was."""
        return self.delivered or self.types


def refusal(feed: Feed, file_name: str, what: str, advice: str) -> DeliveryRefused:
    """The error for a delivery that may not go in."""
    return DeliveryRefused(f"feed {feed.name}: file {file_name!r}: {what}; {advice}")


def nothing_in(feed: Feed, file_name: str) -> DeliveryRefused:
    """The error for a file without a single byte."""
    return refusal(feed, file_name, "it is empty (zero bytes)", "deliver it again")


def lost_lines(feed: str, file_name: str) -> DeliveryRefused:
    """The error for a file of which the engine read fewer records than there are."""
    what = "lines of it were lost in reading; look for a quote left open"
    return DeliveryRefused(f"feed {feed}: file {file_name!r}: {what}")


def text_of(feed: Feed, file_name: str, start: bytes) -> str:
    """The first part of a text file.

    Raises:
        DeliveryRefused: it is wider than the engine's bytes, so that no line of it can be read.
    """
    seen = looks_like(start)
    if seen and seen[1].startswith(("utf-16", "utf-32")):
        raise refusal(feed, file_name, "it is not UTF-8", advice(feed.name, seen))
    return start.decode("utf-8-sig", "replace")


def unreadable(feed: Feed, file_name: str, error: Exception) -> DeliveryRefused:
    """The refusal for a file the engine gave up on. The engine's text may quote rows: not kept.

    Raises:
        Exception: `error` itself where memory or disk ran out, which is no fault of the file.
    """
    if lack_of(error):
        raise error
    if isinstance(error, Overpacked):
        return refusal(
            feed,
            file_name,
            f"it unpacks to more than {MOST_TIMES} times its size",
            "if that is right, deliver it unpacked",
        )
    if isinstance(error, Damaged):
        return refusal(
            feed, file_name, "its compressed stream is cut off or damaged", "deliver it again"
        )
    if "maximum_object_size" in str(error):
        return refusal(
            feed,
            file_name,
            "an object in it is longer than maximum_object_size",
            f"raise feeds.{feed.name}.options.maximum_object_size (bytes; 16777216 if not given)",
        )
    if "duplicate key" in str(error):
        return refusal(
            feed, file_name, "an object in it names a value twice", "deliver each value once"
        )
    kind = type(error).__name__.removesuffix("Exception").replace("Error", "") or "reading"
    return refusal(
        feed,
        file_name,
        f"it cannot be read as {feed.format} ({kind} error): damaged, cut off or another format",
        "deliver it again, or change feeds."
        f"{feed.name}.format, .options or the file's extension (.gz, .zst)",
    )


def column_list(types: dict[str, str]) -> str:
    """The file's columns as one engine struct, to be kept as JSON."""
    return "{" + ", ".join(f"{literal(name)}: {quoted(name)}" for name in types) + "}"
