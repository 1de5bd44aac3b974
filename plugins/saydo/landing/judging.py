"""What a delivery is judged by as a whole: its rows counted, the bad ones, and its key."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from saydo.config import Feed
from saydo.contract import SOURCES, Source
from saydo.landing import staged
from saydo.landing.expressions import is_column
from saydo.landing.mapping import FILTERED, Mapping
from saydo.landing.relations import Relation, refusal
from saydo.landing.repeats import Repeats, conflicting_lines
from saydo.settings import Settings

_SHOWN_REASONS = 5
_SHOWN_KEYS = 3
_AS_SESSIONS = "rows that are sessions go to source: network_sessions, which rolls them up"


@dataclass(frozen=True)
class Tally:
    """Canonical rows of a delivery: all, left out by `where`, and quarantined by reason code.

    They are the delivered ones, unless the feed has a shape: then `delivered` rows made them, of
    which `empty` ones made none.
    """

    canonical: int
    filtered: int
    reasons: dict[str, int]
    delivered: int
    beside: int = 0  # good rows of the same file that were landed before
    empty: int = 0

    @property
    def quarantined(self) -> int:
        """Rows that go to quarantine."""
        return sum(self.reasons.values())

    @property
    def good(self) -> int:
        """Rows that may go in, of the whole file."""
        return self.canonical - self.filtered - self.quarantined + self.beside


def tally(connection: duckdb.DuckDBPyConnection, found: Relation, mapping: Mapping) -> Tally:
    """Count the staged rows and the lines set aside."""
    counts = dict(
        connection.execute("select _error, count(*) from staged group by _error").fetchall()
    )
    row = connection.execute("select count(*) from rejected_lines").fetchone()
    lines = int(row[0]) if row else 0
    reasons: dict[str, int] = {"unreadable_line": lines} if lines else {}
    for number, check in enumerate(mapping.checks, FILTERED + 1):
        if counts.get(number):
            reasons[check.code] = reasons.get(check.code, 0) + counts[number]
    canonical = delivered = sum(counts.values()) + lines
    empty = 0
    if found.shape:
        query = (
            f"select count(*), (select count(distinct _row) from staged) from {found.shape.table}"
        )
        whole, shown = connection.execute(query).fetchone()
        delivered, empty = whole + lines, whole - shown
    return Tally(canonical, counts.get(FILTERED, 0), reasons, delivered, empty=empty)


def judge(
    connection: duckdb.DuckDBPyConnection,
    feed: Feed,
    file_name: str,
    found: Relation,
    mapping: Mapping,
    rows: Tally,
) -> None:
    """Refuse a delivery with too few rows or too many bad ones.

    Raises:
        DeliveryRefused: the message counts the rows and gives the first line of each reason.
    """
    if rows.delivered < feed.expect.min_rows:
        raise refusal(
            feed,
            file_name,
            f"it holds {rows.delivered} rows, fewer than the {feed.expect.min_rows} expected",
            f"deliver it again, or lower feeds.{feed.name}.expect.min_rows",
        )
    if rows.empty == rows.delivered and feed.expect.min_rows:
        raise refusal(
            feed,
            file_name,
            f"none of its {rows.delivered} delivered rows makes a canonical row",
            f"change {_shape_of(feed)}, or, if it is right, set feeds.{feed.name}.expect.min_rows "
            "to 0",
        )
    wanted = rows.canonical - rows.filtered
    if rows.quarantined <= feed.expect.max_reject_ratio * wanted:
        return
    quarantine = staged.quarantine_sql(connection, found, mapping, feed, file_name, "")
    first = connection.execute(
        f"select min(line_number) as line, {staged.FIRST_PLACE}, reason, count(*) "
        f"from ({quarantine}) group by reason order by line limit {_SHOWN_REASONS}"
    ).fetchall()
    reasons = "; ".join(f"{place}: {reason} ({count} rows)" for _, place, reason, count in first)
    raise refusal(
        feed,
        file_name,
        f"{rows.quarantined} of {wanted} rows are bad, more than max_reject_ratio "
        f"{feed.expect.max_reject_ratio:g} allows. {reasons}",
        f"correct the file, or feeds.{feed.name}.columns if the file is right",
    )


def _shape_of(feed: Feed) -> str:
    return f"feeds.{feed.name}.{'unpivot' if feed.unpivot else 'unnest'}"


def delivered_key(source: Source) -> list[str]:
    """The key of a canonical table in the names of a feed's mapping, which are not raw's."""
    names = {column.hashed_as: column.name for column in source.columns}
    return [names.get(part, part) for part in source.key]


def judge_keys(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    feed: Feed,
    file_name: str,
    found: Relation,
    repeats: Repeats,
    rows: Tally,
) -> list[str]:
    """What the rows that share a key say of it: sentences for the batch's warnings.

    Raises:
        DeliveryRefused: so many rows share a key with other values that it is no key. The message
            counts them and gives the lines of a few.
    """
    key = ", ".join(delivered_key(SOURCES[feed.source]))
    told = []
    most = settings.policy.landing.max_key_conflict_ratio
    if repeats.conflicting > most * rows.good:
        lines = conflicting_lines(connection, found, _SHOWN_KEYS)
        raise refusal(
            feed,
            file_name,
            f"{repeats.conflicting} of {rows.good} rows share a key ({key}) with other values, "
            f"more than landing.max_key_conflict_ratio {most:g} allows: it is no key. For example "
            + "; ".join(f"lines {first} and {second}" for first, second in lines),
            _of_conflicts(feed),
        )
    if repeats.conflicting:
        told.append(
            f"{repeats.conflicting} rows repeat a key ({key}) with other values: the newest of "
            f"each was kept; {_of_conflicts(feed)}"
        )
    if repeats.equal:
        advice = _of_equal_rows(feed)
        told.append(
            f"{repeats.equal} rows repeat another in every mapped column: one of each was kept"
            + (f"; {advice}" if advice else "")
        )
    return told


def _own_id(feed: Feed) -> str | None:
    """The key column that is an id of the row itself, and can be made of anything."""
    return next((name for name in SOURCES[feed.source].key if name.endswith("_id")), None)


def _of_conflicts(feed: Feed) -> str:
    source, own = SOURCES[feed.source], _own_id(feed)
    if source.version_column and source.version_column not in feed.columns:
        return f"map {source.version_column}, so that they are versions and the newest one counts"
    if own:
        return (
            f"add what tells the rows apart to feeds.{feed.name}.columns.{own}, as in "
            f"({feed.columns[own]}) || ':' || line_number, or roll them up before delivery"
        )
    advice = (
        "roll them up to one row a key before delivery, or map what tells them apart to "
        "a column of the key"
    )
    if feed.source == "network_usage_daily":
        advice += f"; {_AS_SESSIONS}"
    return advice


def _of_equal_rows(feed: Feed) -> str:
    own = _own_id(feed)
    if own and not is_column(feed.columns[own]):
        return (
            f"if each is an event of its own, make feeds.{feed.name}.columns.{own} of file_name "
            "and line_number"
        )
    if feed.source == "network_usage_daily":
        return f"if each is a part of the day, roll them up before delivery; {_AS_SESSIONS}"
    return ""
