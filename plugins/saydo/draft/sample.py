"""The beginning of a delivered file: its format, its encoding, its delimiter, its first rows."""

from __future__ import annotations

import codecs
import csv
import io
import json
import statistics
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from saydo.draft.column import Column
from saydo.draft.sheets import REFUSED, reason, sheets_of
from saydo.landing.encodings import looks_like
from saydo.landing.unpacking import Damaged, compression_of, open_plain

MOST_BYTES = 16 << 20
MOST_ROWS = 20_000
_FORMATS = {
    ".csv": "csv", ".tsv": "csv", ".txt": "csv", ".json": "json", ".jsonl": "json",
    ".ndjson": "json", ".parquet": "parquet", ".pq": "parquet", ".xlsx": "xlsx",
}  # fmt: skip
_BEGINNINGS = {
    b"PAR1": "parquet",
    b"PK\x03\x04": "xlsx",
}
_FOREIGN = {
    b"\xd0\xcf\x11\xe0": "a workbook that is encrypted, or of an old format (.xls): save it as "
    ".xlsx without a password",
    b"%PDF": "a PDF: deliver the table itself, as csv, json, parquet or xlsx",
    b"\x1f\x8b": "packed with gzip: give it the extension .gz",
    b"(\xb5/\xfd": "packed with zstd: give it the extension .zst",
}
_MOST_ABOVE = 10  # lines above a header
_FEWEST_COLUMNS = 3  # of a table that may have lines above
_DELIMITERS = (",", ";", "\t", "|")


class NotReadable(Exception):
    """A file that nothing can be drafted of. Its text says why and what to do, and no value."""


@dataclass
class Sample:
    """What was read of one file, or of one sheet of a workbook.

    `objects` are the first objects of JSON or Parquet; `rows` the first lines of a table, the
    header line included, of which `header_rows` are no data.
    """

    file: Path
    name: str  # below landing/
    format: str
    options: dict[str, Any] = field(default_factory=dict)
    rows: list[list[str | None]] = field(default_factory=list)
    objects: list[dict[str, Any]] = field(default_factory=list)
    header_rows: int = 1
    columns: list[Column] = field(default_factory=list)

    @property
    def row_count(self) -> int:
        """Sampled rows of data."""
        return max((len(column.values) for column in self.columns), default=0)


def read_samples(file: Path, name: str) -> list[Sample]:
    """The sampled tables of a file: one, but for a workbook of several sheets.

    Raises:
        NotReadable: it is empty, binary, encrypted, cut off or no table.
    """
    try:
        if not file.is_file():
            raise NotReadable("it does not exist, or is no file: name a delivered file")
        with open_plain(file) as stream:
            start = stream.read(MOST_BYTES + 1)
    except (OSError, Damaged) as error:
        raise NotReadable(_unopened(error)) from None
    if not start.strip():
        raise NotReadable("it is empty: deliver it again")
    kind = _format_of(file, start)
    if kind == "xlsx":
        return _workbook(file, name)
    if kind == "parquet":
        return [_parquet(file, name)]
    text, encoding = _text(start)
    options = {"encoding": encoding} if encoding else {}
    if kind == "json":
        objects = list(_objects(text))
        if not objects:
            raise NotReadable("it holds no JSON object: deliver one object a line, or an array")
        return [Sample(file, name, "json", options, objects=objects)]
    if len(start) > MOST_BYTES:
        text = text[: text.rfind("\n") + 1]
    return [_csv(file, name, text, options)]


def _unopened(error: Exception) -> str:
    if isinstance(error, Damaged):
        return "its compressed stream is cut off or damaged: deliver it again"
    return f"it cannot be opened ({getattr(error, 'strerror', None) or 'no access'})"


def _format_of(file: Path, start: bytes) -> str:
    for beginning, what in _FOREIGN.items():
        if start.startswith(beginning):
            raise NotReadable(f"it is {what}")
    if start.startswith(b"PK") and file.suffix.lower() == ".zip":
        raise NotReadable("it is a zip archive: deliver what is in it, unpacked or as .gz")
    for beginning, kind in _BEGINNINGS.items():
        if start.startswith(beginning):
            return kind
    suffix = Path(file.stem).suffix if compression_of(file) != "none" else file.suffix
    known = _FORMATS.get(suffix.lower())
    if known in ("parquet", "xlsx"):
        raise NotReadable(f"it is no {known}, whatever its name says: damaged or cut off")
    return known or ("json" if start.lstrip()[:1] in (b"{", b"[") else "csv")


def _text(start: bytes) -> tuple[str, str | None]:
    """The text, and its encoding where that is not UTF-8."""
    whole = start[:MOST_BYTES]
    seen = looks_like(whole if len(start) <= MOST_BYTES else whole[:-4])
    encoding = seen[1] if seen and seen[1] != "utf-8" else None
    if not encoding and b"\0" in whole[:65536]:
        raise NotReadable("it is binary, no text: deliver it as csv, json, parquet or xlsx")
    if encoding == "windows-1252" and _is_noise(whole[:65536]):
        raise NotReadable("it is binary, or encrypted: deliver it as csv, json, parquet or xlsx")
    decoder = codecs.getincrementaldecoder(encoding or "utf-8-sig")("replace")
    return decoder.decode(whole), encoding


def _is_noise(start: bytes) -> bool:
    """Whether bytes hold controls that no text has."""
    controls = sum(byte < 32 and byte not in (9, 10, 13) for byte in start)
    return controls > 0.01 * len(start)


def _objects(text: str) -> Iterator[dict[str, Any]]:
    """The first objects of a text: one after the other, or in an array."""
    decoder = json.JSONDecoder()
    place = 0
    for _ in range(MOST_ROWS):
        while place < len(text) and text[place] in " \t\r\n,[":
            place += 1
        if place >= len(text) or text[place] == "]":
            return
        try:
            found, place = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            # A line that is none is landing's to quarantine; the next may be one.
            place = text.find("\n", place)
            if place < 0:
                return
            continue
        if isinstance(found, dict):
            yield found


def _parquet(file: Path, name: str) -> Sample:
    import pyarrow
    import pyarrow.parquet

    objects: list[dict[str, Any]] = []
    try:
        with pyarrow.parquet.ParquetFile(file) as parquet:
            for batch in parquet.iter_batches(batch_size=MOST_ROWS):
                objects += batch.to_pylist()
                if len(objects) >= MOST_ROWS:
                    break
    except (pyarrow.ArrowException, OSError):
        raise NotReadable("it cannot be read as Parquet: damaged or cut off") from None
    if not objects:
        raise NotReadable("it holds no rows")
    return Sample(file, name, "parquet", objects=objects[:MOST_ROWS])


def _csv(file: Path, name: str, text: str, options: dict[str, Any]) -> Sample:
    delim = _delimiter(text)
    if delim != ",":
        options = options | {"delim": delim}
    rows: list[list[str | None]] = []
    ends: list[int] = []  # the last line of each
    csv.field_size_limit(MOST_BYTES)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delim)
        for row in reader:
            if row:
                rows.append([value or None for value in row])
                ends.append(reader.line_num)
            if len(rows) > MOST_ROWS + 3:
                break
    except csv.Error:
        raise NotReadable(
            "its lines cannot be told apart: look for a NUL or an open quote"
        ) from None
    if not rows:
        raise NotReadable("it is empty: deliver it again")
    if above := _lines_above(rows):
        options, rows = options | {"skip": ends[above] - 1}, rows[above:]
    return Sample(file, name, "csv", options, rows=rows)


def _lines_above(rows: list[list[str | None]]) -> int:
    """Rows above the header: a title or two, of one value each where the table has many."""
    widths = [sum(value is not None for value in row) for row in rows[: _MOST_ABOVE + 50]]
    if widths[0] > 1 or max(widths) < _FEWEST_COLUMNS:
        return 0
    return next((place for place, width in enumerate(widths[:_MOST_ABOVE]) if width > 1), 0)


def _workbook(file: Path, name: str) -> list[Sample]:
    """A sample of each sheet that can be seen and holds something; refused if none does."""
    samples = []
    try:
        for sheet, rows, numbers, letters in sheets_of(file, name, MOST_ROWS + 3):
            options = {"sheet": sheet} if sheet else {}
            if above := _lines_above(rows):
                first, last = letters.split(":")
                options["range"] = f"{first}{numbers[above]}:{last}"
                rows = rows[above:]
            samples.append(Sample(file, name, "xlsx", options, rows=rows))
    except REFUSED as error:
        raise NotReadable(reason(error)) from None
    if len(samples) == 1:
        samples[0].options.pop("sheet", None)
    return samples


def _delimiter(text: str) -> str:
    """The delimiter by which most lines have as many values as the first, and the most values."""
    start = text[: text.find("\n", 65536) + 1 or None]
    best = (0.0, 0, ",")
    for delim in _DELIMITERS:
        try:
            widths = [
                len(row) for row in csv.reader(io.StringIO(start, newline=""), delimiter=delim)
            ]
        except csv.Error:
            continue
        widths = [width for width in widths if width]
        usual = statistics.mode(widths) if widths else 0
        if usual < 2:
            continue
        alike = sum(width == usual for width in widths) / len(widths)
        best = max(best, (round(alike, 1), usual, delim), key=lambda item: item[:2])
    return best[2]
