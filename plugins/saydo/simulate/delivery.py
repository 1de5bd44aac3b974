"""Writes tables as the files a source system would deliver: by day, by month, or at once."""

from __future__ import annotations

import gzip
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Literal

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from saydo.engine import open_without_home
from saydo.simulate.clock import NEVER, Window
from saydo.simulate.parameters import RATES
from saydo.sql import literal


@dataclass(frozen=True)
class Delivered:
    """How the files of one source look. `name` is the path below landing/ without its ending."""

    source: str
    name: str
    ending: str
    bulk: Literal["once", "monthly"]
    delimiter: str = ","
    can_be_late: bool = False


FILES: dict[str, Delivered] = {
    item.source: item
    for item in (
        Delivered("accounts", "crm/accounts", ".csv", "once"),
        Delivered("account_identifiers", "crm/contact_points", ".csv.gz", "once"),
        Delivered("erasure_requests", "crm/erasures", ".csv", "once"),
        Delivered("survey_invitations", "survey/invitations", ".csv.gz", "monthly"),
        Delivered("survey_responses", "survey/answers", ".jsonl.gz", "monthly", can_be_late=True),
        Delivered("subscriptions", "billing/contracts", ".parquet", "once"),
        Delivered("transactions", "billing/ledger", ".csv", "monthly", ";", can_be_late=True),
        Delivered("network_usage_daily", "network/usage", ".parquet", "monthly", can_be_late=True),
        Delivered("network_sessions", "network/sessions", ".parquet", "monthly", can_be_late=True),
        Delivered("network_incidents", "network/incidents", ".jsonl.zst", "once"),
        Delivered("interactions", "care/contacts", ".csv.zst", "monthly", can_be_late=True),
        Delivered("experiment_assignments", "marketing/experiments", ".csv", "once"),
        Delivered("relationships", "crm/relations", ".csv", "once"),
    )
}


def write_csv(table: pa.Table, sink: IO[bytes] | pa.NativeFile, delimiter: str = ",") -> None:
    """A CSV with a header."""
    pa_csv.write_csv(table, sink, pa_csv.WriteOptions(delimiter=delimiter))


def write_file(table: pa.Table, path: Path, delimiter: str = ",") -> None:
    """Write in the format and compression that the ending names; the same table, the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".parquet":
        pq.write_table(
            table,
            path,
            compression="zstd",
            compression_level=1,
            row_group_size=122_880,
            store_schema=False,
        )
        return
    plain = path.with_name(path.name.removesuffix(".gz").removesuffix(".zst"))
    if plain.suffix == ".csv":
        with plain.open("wb") as sink:
            write_csv(table, sink, delimiter)
    else:
        with open_without_home(is_locked=False) as connection:
            connection.register("delivered", table)
            connection.execute(f"copy delivered to {literal(plain)} (format json)")
    if plain != path:
        compress(plain, path)


def compress(plain: Path, path: Path) -> None:
    """Compress `plain` into `path` (.gz or .zst) without a time stamp, and remove it."""
    with plain.open("rb") as source:
        if path.suffix == ".gz":
            with path.open("wb") as raw, gzip.GzipFile("", "wb", 4, raw, mtime=0) as sink:
                shutil.copyfileobj(source, sink, 1 << 20)
        else:
            with pa.CompressedOutputStream(str(path), "zstd") as sink:
                while block := source.read(1 << 20):
                    sink.write(block)
    plain.unlink()


def first_and_changed(
    started: np.ndarray, ended: np.ndarray, window: Window, daily: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Deliveries of rows that begin open and are closed later: (row, is it closed, day), by day.

    In bulk each row comes once as it stands at the end; day by day it comes when it begins, and
    again when it ends.
    """

    def day_of(instants: np.ndarray) -> np.ndarray:
        # An hour on: a summer's day begins at 23:00 UTC of the one before.
        return np.maximum(window.day_of(instants + 3600), 0)

    ends = (ended != NEVER) & (ended < window.second(window.days))
    begin, end = day_of(started), day_of(np.where(ends, ended, started))
    row, is_closed = np.arange(len(started)), ends
    if daily:
        opening, closing = row[~ends | (end > begin)], row[ends]
        row = np.concatenate([opening, closing])
        is_closed = np.repeat([False, True], [len(opening), len(closing)])
    day = np.where(is_closed & daily, end[row], begin[row])
    order = np.lexsort((started[row], day))
    return row[order], is_closed[order], day[order]


@dataclass
class Delivery:
    """Collects rows with the day each is delivered, and writes every period that is complete."""

    folder: Path
    window: Window
    daily: bool
    usage: str = "network_usage_daily"  # how usage is told: in daily rows or in sessions
    tells_relations: bool = False
    delivered: dict[str, int] = field(init=False)
    files: dict[str, list[Path]] = field(default_factory=lambda: {name: [] for name in FILES})
    rows_of: dict[Path, int] = field(default_factory=dict)
    late_rows: dict[str, int] = field(default_factory=dict)
    _waiting: dict[str, list[tuple[pa.Table, np.ndarray]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        other = {"network_usage_daily", "network_sessions"} - {self.usage}
        if not self.tells_relations:
            other.add("relationships")
        self.delivered = {source: 0 for source in FILES if source not in other}

    def add(self, source: str, table: pa.Table, day: np.ndarray, rng: np.random.Generator) -> None:
        """Take rows; a few of some sources come days or weeks late, none after the last day."""
        if FILES[source].can_be_late:
            draw = rng.random(len(day))
            lag = np.where(draw < RATES.late, rng.integers(1, 5, len(day)), 0)
            lag = np.where(draw < RATES.very_late, rng.integers(15, 60, len(day)), lag)
            late = np.minimum(day + lag, self.window.days - 1)
            self.late_rows[source] = self.late_rows.get(source, 0) + int((late > day).sum())
            day = late
        self._waiting.setdefault(source, []).append((table, day))

    def flush(self, before_day: int) -> None:
        """Write all periods that end before `before_day`; keep the rows of later ones."""
        for source in list(self._waiting):
            chunks = self._waiting.pop(source)
            if before_day < self.window.days:
                if FILES[source].bulk == "once" and not self.daily:
                    self._waiting[source] = chunks
                    continue
                kept = [
                    (t.filter(pa.array(d >= before_day)), d[d >= before_day])
                    for t, d in chunks
                    if (d >= before_day).any()
                ]
                chunks = [
                    (t.filter(pa.array(d < before_day)), d[d < before_day])
                    if (d >= before_day).any()
                    else (t, d)
                    for t, d in chunks
                ]
                if kept:
                    self._waiting[source] = kept
            self._write(source, chunks)

    def _write(self, source: str, chunks: list[tuple[pa.Table, np.ndarray]]) -> None:
        item = FILES[source]
        table = pa.concat_tables([chunk for chunk, _ in chunks])
        day = np.concatenate([days for _, days in chunks])
        if not self.daily and item.bulk == "once":
            self._file(item, table, "")
            return
        period = day if self.daily else self.window.month_of(day)
        if not np.all(period[:-1] <= period[1:]):
            order = np.argsort(period, kind="stable")
            table, period = table.take(pa.array(order)), period[order]
        values, starts = np.unique(period, return_index=True)
        for value, start, stop in zip(values, starts, [*starts[1:], len(period)], strict=True):
            first = value if self.daily else self.window.month_starts[value]
            date = self.window.date_of(int(first))
            label = date.isoformat() if self.daily else f"{date:%Y-%m}"
            self._file(item, table.slice(start, stop - start), f"_{label}")

    def _file(self, item: Delivered, table: pa.Table, label: str) -> None:
        path = self.folder / f"{item.name}{label}{item.ending}"
        write_file(table, path, item.delimiter)
        self.files[item.source].append(path)
        self.rows_of[path] = table.num_rows
        self.delivered[item.source] += table.num_rows

    def repeat(self, source: str, position: int) -> dict[str, str | int]:
        """Deliver one file again under another name, byte for byte."""
        item, path = FILES[source], self.files[source][position]
        copy = path.with_name(path.name.removesuffix(item.ending) + "_again" + item.ending)
        shutil.copyfile(path, copy)
        self.files[source].append(copy)
        return {
            "source": source,
            "file": str(path.relative_to(self.folder)),
            "again_as": str(copy.relative_to(self.folder)),
            "rows": self.rows_of[path],
        }
