"""What a value may be beyond its type, as checks: ranges, times, ends after begins, scales."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from saydo.config import Feed
from saydo.contract import FIRST_DAY, MOST_YEARS_AHEAD, SOURCES, UNSCALED, Column
from saydo.landing.checks import Check
from saydo.landing.expressions import Expression
from saydo.settings import Settings
from saydo.sql import literal, quoted

_LONGEST_SHOWN = 40  # characters of an expression in an advice


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
