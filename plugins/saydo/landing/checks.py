"""What sends a row to quarantine, as SQL conditions over its delivered and typed values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from saydo.config import Feed
from saydo.contract import SOURCES, SQL_TYPES, Column
from saydo.landing.engine import literal, quoted
from saydo.landing.expressions import Expression
from saydo.landing.pseudonyms import unreadable_sql
from saydo.settings import Settings

_READABLE = {
    "text": "text",
    "instant": "a time (YYYY-MM-DD hh:mm:ss)",
    "date": "a date (YYYY-MM-DD)",
    "boolean": "true or false",
    "integer": "a whole number",
    "money": "an amount with a decimal point",
    "number": "a number with a decimal point",
}


@dataclass(frozen=True)
class Check:
    """One thing that sends a row to quarantine."""

    column: str
    code: str
    reason: str
    condition: str


def type_checks(
    column: Column, expression: Expression, held: str, value: str, found: str, text: str
) -> list[Check]:
    """Whether a column could be read as its type, is there if required, and is an allowed value.

    Args:
        column: the canonical column.
        expression: the feed's, to know whether a value can make it fail.
        held: SQL of the value inside its net, null where the expression failed.
        value: SQL of the delivered value.
        found: the engine type of `value`.
        text: SQL of a text column as it reads before it is held to its allowed values.
    """
    typed = quoted("typed " + column.name)
    checks = []
    if expression.can_fail:
        checks.append(
            Check(
                column.name,
                "expression_failed",
                "the feed's expression fails on it",
                f"{held} is null",
            )
        )
    if column.type != "text" and found.lower() != SQL_TYPES[column.type]:
        checks.append(
            Check(
                column.name,
                "cannot_be_typed",
                f"cannot be read as {_READABLE[column.type]}",
                f"{typed} is null and {value} is not null"
                + (f" and trim({value}) <> ''" if found == "VARCHAR" else ""),
            )
        )
    if column.is_required:
        blank = ""
        if column.type == "text":
            # What is empty or all blanks comes before '!': few values are trimmed to find out.
            blank = f" or ({text} < '!' and trim({text}) = '')"
        missing = text if column.type == "text" else typed
        checks.append(
            Check(
                column.name,
                "missing_required",
                "is required and empty",
                f"{missing} is null{blank}",
            )
        )
    if column.allowed:
        checks.append(
            Check(
                column.name,
                "not_allowed",
                f"is not one of {', '.join(column.allowed)}",
                f"{typed} is null and {text} is not null",
            )
        )
    return checks


def value_checks(settings: Settings, feed: Feed, mapped: set[str], now: datetime) -> list[Check]:
    """What the values of a row must be beyond their type: known, on the scale, in the past.

    Args:
        settings: identifier types and tolerances.
        feed: its source names the event time.
        mapped: the canonical columns that the feed maps.
        now: the landing clock.
    """
    source = SOURCES[feed.source]
    types = settings.feeds.all_identifier_types
    typed = {name: quoted("typed " + name) for name in mapped}
    checks = []
    for name in ("account_id", "id_value"):
        if name in typed:
            damaged = f"regexp_full_match({typed[name]}, '[0-9]([.,][0-9]+)?E[+][0-9]+')"
            reason = "was damaged by a spreadsheet (digits lost)"
            checks.append(
                Check(
                    name,
                    "spreadsheet_number",
                    reason,
                    f"{typed[name]} < ':' and contains({typed[name]}, 'E+') and {damaged}",
                )
            )
    if "id_type" in typed:
        checks.append(
            Check(
                "id_type",
                "unknown_id_type",
                "is not among identifier_types",
                f"{typed['id_type']} is null",
            )
        )
    if {"id_type", "id_value"} <= typed.keys():
        for reason, condition in unreadable_sql(typed["id_type"], typed["id_value"], types).items():
            checks.append(Check("id_value", "unreadable_identifier", reason, condition))
    if "currency" in typed:
        shape = f"not {typed['currency']} glob '[A-Z][A-Z][A-Z]'"
        checks.append(
            Check("currency", "not_a_currency", "is not an ISO 4217 code like EUR", shape)
        )
    if {"score", "scale_min", "scale_max"} <= typed.keys():
        score, low, high = typed["score"], typed["scale_min"], typed["scale_max"]
        checks.append(
            Check(
                "score",
                "outside_scale",
                "lies outside scale_min … scale_max",
                f"{score} not between least({low}, {high}) and greatest({low}, {high}) "
                f"and {low} is not null and {high} is not null",
            )
        )
        checks.append(Check("scale_max", "empty_scale", "equals scale_min", f"{low} = {high}"))
    if source.event_time in typed:
        last = now + timedelta(days=settings.policy.gate.max_future_days)
        event = next(c for c in source.columns if c.name == source.event_time)
        if event.type == "date":
            day = last.astimezone(settings.feeds.business.zone).date().isoformat()
            limit = f"date {literal(day)}"
        else:
            limit = f"timestamp {literal(last.strftime('%Y-%m-%d %H:%M:%S.%f'))}"
        checks.append(
            Check(
                event.name,
                "in_the_future",
                "lies in the future",
                f"{typed[event.name]} > {limit}",
            )
        )
    return checks
