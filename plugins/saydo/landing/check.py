"""`saydo feeds check`: every problem of the mapping found before a run, and nothing changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from saydo.config import Feed
from saydo.engine import open_database
from saydo.errors import ConfigError, DeliveryRefused, SaydoError
from saydo.landing import staged
from saydo.landing.delivered_columns import check_columns
from saydo.landing.engine import connect
from saydo.landing.expressions import Expression, parse_expression, validate_expression
from saydo.landing.feed import delivered_files
from saydo.landing.fingerprint import check_beginning
from saydo.landing.judging import tally
from saydo.landing.ledger import utc_now
from saydo.landing.mapping import build_mapping
from saydo.landing.noting import (
    note_keys,
    note_naive_times,
    note_national_numbers,
    note_places,
    note_questions,
)
from saydo.landing.options import check_options
from saydo.landing.paths import with_paths
from saydo.landing.places import with_places
from saydo.landing.readable import readable_delivery
from saydo.landing.reader import relation
from saydo.landing.relations import unreadable
from saydo.landing.shapes import shaped
from saydo.landing.snapshots import check_days, snapshot_date
from saydo.landing.unpacking import Damaged
from saydo.landing.versions import note_versions
from saydo.room import explained
from saydo.settings import Settings
from saydo.sql import quoted

_SAMPLE_ROWS = 10_000
_PLAIN_COLUMNS = 20  # up to which a row that is unpivoted is a row like others


@dataclass(frozen=True)
class Problem:
    """One thing to correct in feeds.yml or in a delivery. `feed` is empty for the dictionaries.

    A note is right if it is meant: it is told, and stops nothing.
    """

    feed: str
    column: str | None
    reason: str
    is_note: bool = False


def check_feeds(settings: Settings) -> list[Problem]:
    """What to correct, of all that `examine_feeds` finds."""
    return [problem for problem in examine_feeds(settings) if not problem.is_note]


def examine_feeds(settings: Settings) -> list[Problem]:
    """Check every mapping and KPI, and read a sample of the newest file of every feed."""
    problems = list(_check_kpis(settings))
    for feed in settings.feeds.feeds:
        problems += _check_feed(settings, feed)
    return problems


def _check_kpis(settings: Settings) -> Iterator[Problem]:
    columns = [measure.name for measure in settings.feeds.all_measures] + ["day_count"]
    nulls = ", ".join(f"cast(1 as decimal(18,6)) as {quoted(name)}" for name in columns)
    with open_database(settings) as connection:
        for kpi in settings.feeds.all_kpis:
            try:
                validate_expression(kpi.expression, columns)
                connection.execute(f"describe select ({kpi.expression}\n) from (select {nulls})")
            except ConfigError as error:
                yield Problem("", f"kpis.{kpi.name}", str(error))
            except duckdb.Error as error:
                message = str(error).split("\n")[0]
                yield Problem("", f"kpis.{kpi.name}", f"{kpi.expression!r} does not fit: {message}")


def _check_feed(settings: Settings, feed: Feed) -> list[Problem]:
    problems: list[Problem] = []
    parsed: dict[str, Expression] = {}
    for column, text in {**feed.columns, **({"where": feed.where} if feed.where else {})}.items():
        try:
            parsed[column] = parse_expression(text)
        except ConfigError as error:
            problems.append(Problem(feed.name, column, str(error)))
    try:
        check_options(feed)
        check_days(feed)
        files = delivered_files(settings, feed)
    except (ConfigError, DeliveryRefused) as error:
        return [*problems, Problem(feed.name, None, str(error))]
    if not files:
        return [
            *problems,
            Problem(feed.name, None, f"no file below landing/ matches {feed.path!r}"),
        ]
    for name, _ in files:
        try:
            snapshot_date(settings, feed, name, utc_now())
        except DeliveryRefused as error:
            problems.append(Problem(feed.name, "snapshot_date", str(error)))
            break
    name, file = files[-1]
    try:
        doing = f"feed {feed.name}: file {name!r}"
        with explained(settings, doing, "it is not known whether it is right"):
            return problems + _check_sample(settings, feed, name, file, parsed)
    except (duckdb.Error, Damaged) as error:
        return [*problems, Problem(feed.name, None, str(unreadable(feed, name, error)))]
    except SaydoError as error:
        return [*problems, Problem(feed.name, None, str(error))]


def _check_sample(
    settings: Settings, feed: Feed, name: str, file: Path, parsed: dict[str, Expression]
) -> list[Problem]:
    """Problems of the first rows of one file: columns, types of expressions, bad rows."""
    problems: list[Problem] = []
    check_beginning(feed, file, name)
    with (
        readable_delivery(settings, feed, file, name, _SAMPLE_ROWS) as (text, _),
        connect(settings, [text.parent], [file.resolve()]) as connection,
    ):
        found = relation(connection, feed, text, name)
        most = _SAMPLE_ROWS
        if feed.unpivot:  # each row becomes as many as it has columns
            most = max(_SAMPLE_ROWS * _PLAIN_COLUMNS // max(len(found.types), _PLAIN_COLUMNS), 100)
        found = replace(found, sql=f"(select * from {found.sql} limit {most})")
        notes = [*note_places(found, parsed)]
        found = shaped(connection, feed, found, name, text, lambda: 0)
        if feed.format == "json":
            found, parsed = with_paths(found, parsed)
        found = with_places(connection, found, parsed, name, text, lambda: 0)
        fitting = dict(parsed)
        try:
            check_columns(feed, name, found, parsed)
            mapping = build_mapping(connection, settings, feed, found, parsed, utc_now())
        except (ConfigError, DeliveryRefused):
            for column, expression in parsed.items():
                try:
                    check_columns(feed, name, found, {column: expression})
                    build_mapping(
                        connection, settings, feed, found, {column: expression}, utc_now()
                    )
                except (ConfigError, DeliveryRefused) as error:
                    problems.append(Problem(feed.name, column, str(error)))
                    del fitting[column]
            if not fitting:
                return problems
            mapping = build_mapping(connection, settings, feed, found, fitting, utc_now())
        staged.stage(connection, found, mapping)
        rows = tally(connection, found, mapping)
        if feed.source == "survey_responses" and "question_code" in fitting:
            notes += note_questions(connection, settings)
        wanted = rows.canonical - rows.filtered
        if rows.quarantined:
            is_note = rows.quarantined <= feed.expect.max_reject_ratio * wanted
            sql = staged.quarantine_sql(connection, found, mapping, feed, name, "")
            for column, reason, count, place in connection.execute(
                f"select {staged.COLUMN}, reason, count(*), {staged.FIRST_PLACE} from ({sql}) "
                "group by all order by 3 desc"
            ).fetchall():
                text = f"{count} of the first {wanted} rows of {name!r}: {reason} ({place})"
                problems.append(Problem(feed.name, column, text, is_note))
        elif not rows.delivered and feed.expect.min_rows:
            problems.append(Problem(feed.name, None, f"file {name!r} holds no rows"))
        if fitting == parsed:
            notes += note_naive_times(connection, settings, feed, found, mapping, parsed)
            notes += note_national_numbers(connection, settings, feed)
            notes += note_versions(connection, feed)
            keys = note_keys(connection, settings, feed, name, found, mapping, rows)
            problems += [Problem(feed.name, *told[:2], is_note=not told[2]) for told in keys]
    return problems + [Problem(feed.name, *note, is_note=True) for note in notes]
