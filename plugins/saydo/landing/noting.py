"""What a sample of a feed's file shows that is right only if it is meant: told, and no problem."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from saydo.config import Feed
from saydo.errors import DeliveryRefused
from saydo.landing import staged
from saydo.landing.expressions import Expression
from saydo.landing.judging import Tally, judge_keys
from saydo.landing.mapping import Mapping, found_types
from saydo.landing.places import asked_places, own_places
from saydo.landing.pseudonyms import normalised_sql
from saydo.landing.questions import undeclared_questions
from saydo.landing.relations import Relation
from saydo.landing.repeats import drop_repeats
from saydo.landing.staged import Hashed, hashed_columns
from saydo.landing.typing_sql import has_offset_sql
from saydo.settings import Settings
from saydo.sql import literal

_FEWEST_DIGITS = 8  # of a number with its calling code


def note_places(found: Relation, parsed: dict[str, Expression]) -> Iterator[tuple[None, str]]:
    """Names that mean where a row was delivered, unless the file has a column of that name."""
    for name in sorted(asked_places(parsed.values()) & own_places(found)):
        yield (
            None,
            f"{name} is a column of the file, and is read as such: it is not the row's place",
        )


def note_naive_times(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    feed: Feed,
    found: Relation,
    mapping: Mapping,
    parsed: dict[str, Expression],
) -> Iterator[tuple[str, str]]:
    """Times without a zone, where the feed names none either."""
    if feed.timezone is not None:
        return
    types = found_types(connection, feed, found, parsed)
    naive = []
    for column in mapping.columns:
        if column.type != "instant" or column.name not in parsed:
            continue
        value = f"try(({parsed[column.name].sql}\n))"
        kind = types[column.name]
        if kind == "TIMESTAMP WITH TIME ZONE":
            continue
        is_naive = f"not {has_offset_sql(value)}" if kind == "VARCHAR" else "true"
        query = f"select count(*) from {found.sql} where {value} is not null and {is_naive}"
        if connection.execute(query).fetchone()[0]:
            naive.append(column.name)
    if naive:
        zone = settings.feeds.zone_of(feed)
        yield (
            ", ".join(naive),
            f"the times name no zone and are read in the business's, {zone}; where they are of "
            f"another, give feeds.{feed.name}.timezone",
        )


def note_national_numbers(
    connection: duckdb.DuckDBPyConnection, settings: Settings, feed: Feed
) -> Iterator[tuple[str, str]]:
    """Telephone numbers that name no country, and of which no country can be told."""
    types = settings.feeds.all_identifier_types
    names = [literal(n) for n, policy in types.items() if policy.normaliser == "msisdn"]
    country = settings.feeds.business.country
    for column in hashed_columns(feed):
        if names and column.typed_by in feed.columns:
            yield from _note_numbers(connection, column, names, country)


def _note_numbers(
    connection: duckdb.DuckDBPyConnection, column: Hashed, names: list[str], country: str | None
) -> Iterator[tuple[str, str]]:
    number = normalised_sql(column.column, "msisdn", country)
    local, all_ = connection.execute(
        "select count(*) filter (where starts_with(number, '0') "
        f"or length(number) < {_FEWEST_DIGITS}), count(*) from (select distinct {number} as number "
        f"from staged where _error = 0 and {column.typed_by} in ({', '.join(names)}))"
    ).fetchone()
    if local:
        advice = (
            f"they are none of business.country {country} either: map them with their country"
            if country
            else "give business.country (ISO 3166, such as GB), or map them with their country"
        )
        yield (
            column.column,
            f"{local} of {all_} telephone numbers name no country, and are not the same numbers as "
            f"with +…; {advice}",
        )


def note_keys(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    feed: Feed,
    name: str,
    found: Relation,
    mapping: Mapping,
    rows: Tally,
) -> Iterator[tuple[None, str, bool]]:
    """Rows that share a key: (column, what, whether the file would be refused for it)."""
    staged.make_keys(connection, settings, feed, key=b"compared with each other only")
    repeats = drop_repeats(connection, feed, mapping, may_repeat=True)
    try:
        for told in judge_keys(connection, settings, feed, name, found, repeats, rows):
            yield None, told, False
    except DeliveryRefused as error:
        yield None, str(error), True


def note_questions(
    connection: duckdb.DuckDBPyConnection, settings: Settings
) -> Iterator[tuple[str, str]]:
    """Question codes of the sample that no entry of `questions` declares."""
    found = connection.execute(
        "select question_code, count(*) from staged where _error = 0 and question_code is not null "
        "group by question_code"
    ).fetchall()
    for sentence in undeclared_questions(settings.feeds.all_questions, dict(found)):
        yield "question_code", sentence
