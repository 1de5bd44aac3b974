"""`saydo feeds check`: every problem of the mapping found before a run, and nothing changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from saydo.config import Feed
from saydo.engine import open_database
from saydo.errors import ConfigError, DeliveryRefused
from saydo.landing import staged
from saydo.landing.commit import tally
from saydo.landing.engine import connect, quoted
from saydo.landing.expressions import Expression, parse_expression, validate_expression
from saydo.landing.feed import delivered_files
from saydo.landing.ledger import utc_now
from saydo.landing.mapping import build_mapping, check_columns
from saydo.landing.questions import undeclared_questions
from saydo.landing.reader import check_options, relation, unreadable
from saydo.settings import Settings

_SAMPLE_ROWS = 10_000


@dataclass(frozen=True)
class Problem:
    """One thing to correct in feeds.yml or in a delivery. `feed` is empty for the dictionaries."""

    feed: str
    column: str | None
    reason: str


def check_feeds(settings: Settings) -> list[Problem]:
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
        files = delivered_files(settings, feed)
    except (ConfigError, DeliveryRefused) as error:
        return [*problems, Problem(feed.name, None, str(error))]
    if not files:
        return [
            *problems,
            Problem(feed.name, None, f"no file below landing/ matches {feed.path!r}"),
        ]
    return problems + _check_sample(settings, feed, *files[-1], parsed)


def _check_sample(
    settings: Settings, feed: Feed, name: str, file: Path, parsed: dict[str, Expression]
) -> list[Problem]:
    """Problems of the first rows of one file: columns, types of expressions, bad rows."""
    problems: list[Problem] = []
    with connect(settings, [settings.landing], [file.resolve()]) as connection:
        try:
            found = relation(connection, feed, file, name)
        except (ConfigError, DeliveryRefused) as error:
            return [Problem(feed.name, None, str(error))]
        found = replace(found, sql=f"(select * from {found.sql} limit {_SAMPLE_ROWS})")
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
            mapping = build_mapping(connection, settings, feed, found, fitting, utc_now())
        try:
            staged.stage(connection, found, mapping)
        except duckdb.Error as error:
            return [*problems, Problem(feed.name, None, str(unreadable(feed, name, error)))]
        rows = tally(connection, mapping)
        if feed.source == "survey_responses" and "question_code" in fitting:
            problems += _undeclared(connection, settings, feed)
        wanted = rows.delivered - rows.filtered
        if rows.quarantined > feed.expect.max_reject_ratio * wanted:
            sql = staged.quarantine_sql(connection, found, mapping, feed, name, "")
            for column, reason, count, line in connection.execute(
                f"select column_name, reason, count(*), min(line_number) from ({sql}) "
                "group by all order by 3 desc"
            ).fetchall():
                text = f"{count} of the first {wanted} rows of {name!r}: {reason} (line {line})"
                problems.append(Problem(feed.name, column, text))
        elif not rows.delivered and feed.expect.min_rows:
            problems.append(Problem(feed.name, None, f"file {name!r} holds no rows"))
    return problems


def _undeclared(
    connection: duckdb.DuckDBPyConnection, settings: Settings, feed: Feed
) -> list[Problem]:
    """Question codes of the sample that no entry of `questions` declares."""
    found = connection.execute(
        "select question_code, count(*) from staged where _error = 0 and question_code is not null "
        "group by question_code"
    ).fetchall()
    sentences = undeclared_questions(settings.feeds.all_questions, dict(found))
    return [Problem(feed.name, "question_code", sentence) for sentence in sentences]
