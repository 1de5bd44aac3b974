"""What sends a row to quarantine, as SQL conditions over its delivered and typed values."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from saydo.config import Feed
from saydo.contract import FIRST_DAY, MOST_YEARS_AHEAD, SOURCES, SQL_TYPES, UNSCALED, Column
from saydo.landing.cells import ERRORS, NO_VALUE
from saydo.landing.expressions import Expression
from saydo.landing.pseudonyms import unreadable_sql
from saydo.landing.typing_sql import lost_sql
from saydo.settings import Settings
from saydo.sql import literal, quoted

_READABLE = {
    "text": "text",
    "instant": "a time (YYYY-MM-DD hh:mm:ss)",
    "date": "a date (YYYY-MM-DD)",
    "boolean": "true or false",
    "integer": "a whole number",
    "money": "an amount with a decimal point",
    "number": "a number with a decimal point",
}


_LONGEST_SHOWN = 40  # characters of an expression in an advice


@dataclass(frozen=True)
class Check:
    """One thing that sends a row to quarantine."""

    column: str
    code: str
    reason: str
    condition: str
    at_element: bool = False  # it is about what one column or list element of the row says
    cell: str | None = None  # in a workbook, the column that it is about: `Sheet1!B`


@dataclass(frozen=True)
class _Shown:
    """A feed's expression as an advice shows it."""

    text: str
    is_text: bool

    def advice(self, advice: str) -> str:
        """What to do, with the expression in place of `…` where that is short."""
        text = " ".join(self.text.split())
        shown = advice.replace("…", text if len(text) <= _LONGEST_SHOWN else "…")
        # A number within text is compared as text.
        shown = re.sub(r", (\d+)\)", r", '\1')", shown) if self.is_text else shown
        return f"; {shown}" if shown else ""


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
    if column.type == "money" and (lost := lost_sql(value, found, typed)):
        amount = f"cast({expression.text} as double)" if found == "VARCHAR" else expression.text
        reason = f"has more than six decimals; round it: round({amount}, 2)"
        checks.append(Check(column.name, "too_many_decimals", reason, lost))
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


def error_checks(column: Column, value: str, found: str) -> list[Check]:
    """Whether a value of a workbook is an error, or a formula's that was never reckoned.

    Args:
        column: the canonical column.
        value: SQL of the value.
        found: the engine type of `value`.
    """
    if found != "VARCHAR":
        return []
    errors = ", ".join(literal(error) for error in ERRORS)
    first = f"{value} < '$' and {value}"  # few texts begin with '#' or less
    return [
        Check(
            column.name,
            "formula_without_value",
            "is a formula that holds no value; open the workbook in a spreadsheet and save it",
            f"{first} = {literal(NO_VALUE)}",
        ),
        Check(
            column.name,
            "spreadsheet_error",
            "is an error of the workbook; correct it there, or map it to null, as in "
            "nullif(…, '#N/A')",
            f"{first} in ({errors})",
        ),
    ]


def value_checks(settings: Settings, mapped: set[str]) -> list[Check]:
    """What the codes and identifiers of a row must be beyond text: known, and readable.

    Args:
        settings: identifier types.
        mapped: the canonical columns that the feed maps.
    """
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
    return checks


def bound_checks(
    settings: Settings,
    feed: Feed,
    columns: Iterable[Column],
    parsed: dict[str, Expression],
    found: dict[str, str],
    now: datetime,
) -> list[Check]:
    """What the contract says of the values: how great, how early, in which order, on which scale.

    Args:
        settings: the business's zone, and how far ahead an event may lie.
        feed: its source gives the spans.
        columns: the canonical columns, measures included.
        parsed: the expressions of the mapped ones, to be named in the advice.
        found: the engine types of those.
        now: the landing clock.
    """
    checks: list[Check] = []
    shown = {name: _Shown(parsed[name].text, found[name] == "VARCHAR") for name in parsed}
    for column in columns:
        if column.name not in parsed:
            continue
        if column.type in ("instant", "date") and not column.restricted:
            checks += _time_checks(settings, column, shown[column.name], now)
        else:
            checks += _range_checks(column, shown[column.name], now)
    typed = {name: quoted("typed " + name) for name in parsed}
    for begin, end in SOURCES[feed.source].spans:
        if {begin, end} <= typed.keys():
            reason = f"lies before {begin}; correct the dates, or map what is no end to null"
            before = f"{typed[end]} < {typed[begin]}"
            checks.append(Check(end, "ends_before_it_begins", reason, before))
            if feed.source == "network_sessions":
                checks.append(_stuck_check(settings, typed[begin], typed[end], shown[end]))
    if "score" in typed:
        checks += _scale_checks(typed, shown["score"])
    return checks


def _stuck_check(settings: Settings, begin: str, end: str, shown: _Shown) -> Check:
    """A session that is open for longer than any is was never closed."""
    hours = settings.policy.landing.max_session_hours
    advice = "map the end and the minutes of what was never closed to null"
    reason = (
        f"lies more than {hours} hours after started_at (policy landing.max_session_hours)"
        + shown.advice(advice)
    )
    return Check("ended_at", "stuck_session", reason, f"{end} > {begin} + interval {hours} hour")


def _range_checks(column: Column, shown: _Shown, now: datetime) -> list[Check]:
    typed = quoted("typed " + column.name)
    most = now.year if column.most == "this year" else column.most
    unless = ""
    if column.but_for:
        other, value = column.but_for
        unless = f" and {quoted('typed ' + other)} <> {literal(value)}"
    checks = []
    for limit, operator, words in (
        (column.least, "<", "less than"),
        (column.above, "<=", "not above"),
        (most, ">", "more than"),
    ):
        if limit is not None:
            what = "negative" if (operator, limit) == ("<", 0) else f"{words} {limit}"
            reason = f"is {what}{shown.advice(column.advice)}"
            condition = f"{typed} {operator} {limit}{unless}"
            checks.append(Check(column.name, "out_of_range", reason, condition))
    return checks


def _time_checks(settings: Settings, column: Column, shown: _Shown, now: datetime) -> list[Check]:
    typed = quoted("typed " + column.name)
    years = timedelta(days=365.25 * MOST_YEARS_AHEAD)
    days = timedelta(days=settings.policy.gate.max_future_days)
    last = now + (years if column.is_planned else days)
    if column.type == "date":
        first = f"date {literal(FIRST_DAY.isoformat())}"
        day = last.astimezone(settings.feeds.business.zone).date().isoformat()
        limit = f"date {literal(day)}"
    else:
        # The first day has begun in every zone.
        first = f"timestamp {literal((FIRST_DAY - timedelta(days=1)).isoformat())}"
        limit = f"timestamp {literal(last.strftime('%Y-%m-%d %H:%M:%S.%f'))}"
    advice = f"a true one that is older is greatest(…, '{FIRST_DAY.isoformat()}')"
    if not column.is_required:
        advice = f"map what stands for none to null, as in nullif(…, '1970-01-01'); {advice}"
    early = f"lies before {FIRST_DAY.isoformat()}" + shown.advice(advice)
    late = "in_the_future"
    reason = "lies in the future; is the feed's timezone another, or the order of day and month?"
    if column.is_planned:
        late, reason = "too_far_ahead", f"lies more than {MOST_YEARS_AHEAD} years ahead"
        advice = "map what stands for no end to null, as in nullif(…, '9999-12-31')"
        reason += shown.advice(advice)
    return [
        Check(column.name, "too_early", early, f"{typed} < {first}"),
        Check(column.name, late, reason, f"{typed} > {limit}"),
    ]


def _scale_checks(typed: dict[str, str], shown: _Shown) -> list[Check]:
    """A score lies on its own scale; what its row does not say of the scale is 0 or 10."""
    score = typed["score"]
    ends = {
        name: f"coalesce({typed[name]}, {default})" if name in typed else str(default)
        for name, default in zip(("scale_min", "scale_max"), UNSCALED, strict=True)
    }
    low, high = ends.values()
    reason = "lies outside scale_min … scale_max ({} … {} where they are not given)".format(
        *UNSCALED
    )
    advice = "map what stands for no answer to null, as in nullif(…, 99), or give the scale"
    outside = f"{score} not between least({low}, {high}) and greatest({low}, {high})"
    checks = [Check("score", "outside_scale", reason + shown.advice(advice), outside)]
    if ends.keys() & typed.keys():
        checks.append(Check("scale_max", "empty_scale", "equals scale_min", f"{low} = {high}"))
    return checks
