"""How a column writes its times, and the expression that reads them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

_ISO = re.compile(
    r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})([ T]\d{1,2}:\d{2}(:\d{2}([.]\d+)?)?)?"
    r"\s*(Z|UTC|[+-]\d{2}(:?\d{2})?)?"
)
_CLOCKS = ("", " %H:%M:%S", " %H:%M", " %I:%M:%S %p", " %I:%M %p", "T%H:%M:%S")
_DAY_FIRST, _MONTH_FIRST = ("%d", "%m"), ("%m", "%d")
_NAMED = ("%d %b %Y", "%d-%b-%Y", "%b %d, %Y", "%d %B %Y", "%B %d, %Y")
_PACKED = ("%Y%m%d", "%Y%m%d%H%M%S")
_LIKE_DAY = re.compile(r"\d{1,2}([./-])\d{1,2}\1(\d{4}|\d{2})(?!\d).*")
_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_ENOUGH = 0.98  # of the values: a few typing errors make no other format
_ENOUGH_BY_NAME = 0.85  # where the column's name says that it is a time
_EPOCH_FROM, _EPOCH_TO = 946_684_800, 2_524_608_000  # 2000 to 2050
_WORDS = {
    "%d": "day", "%m": "month", "%Y": "year", "%y": "year of two digits", "%b": "month's name",
    "%B": "month's name",
}  # fmt: skip


@dataclass(frozen=True)
class Times:
    """A column's way of writing times. `template` is SQL with `{}` for the column.

    `doubt` says what else it might be; `days` are the sampled days, in order.
    """

    template: str
    has_zone: bool
    has_clock: bool
    is_exact: bool  # every sampled value is read
    days: tuple[date, ...]
    doubt: str = ""

    def sql(self, column: str, *, may_fail: bool = False) -> str:
        """The expression over `column`; with `may_fail`, what is no time becomes null."""
        template = self.template
        if may_fail and not self.is_exact:
            template = template.replace("strptime(", "try_strptime(")
        return template.replace("{}", column)


def times_of(values: Sequence[str], *, is_named_so: bool) -> Times | None:
    """How `values`, none of them blank, write times; None if they do not.

    Args:
        values: the distinct ones.
        is_named_so: the column's name says that it holds times.
    """
    if not values:
        return None
    enough = _ENOUGH_BY_NAME if is_named_so else _ENOUGH
    return (
        _iso(values, enough)
        or _days(values, enough)
        or _formatted(values, _with_clocks(_NAMED), _ENOUGH)
        or _formatted(values, _PACKED, enough)
        or (_epoch(values) if is_named_so else None)
    )


def _iso(values: Sequence[str], enough: float) -> Times | None:
    found = [match for value in values if (match := _ISO.fullmatch(value))]
    if len(found) < enough * len(values):
        return None
    days = []
    for match in found:
        try:
            days.append(date(int(match[1]), int(match[2]), int(match[3])))
        except ValueError:
            continue
    if len(days) < enough * len(values):
        return None
    has_zone = [bool(match[7]) for match in found]
    doubt = "some of the times name a zone, and some none" if 0 < sum(has_zone) < len(found) else ""
    has_clock = any(match[4] for match in found)
    return Times("{}", all(has_zone), has_clock, len(days) == len(values), _sorted(days), doubt)


def _days(values: Sequence[str], enough: float) -> Times | None:
    shapes = [match for value in values if (match := _LIKE_DAY.fullmatch(value))]
    if len(shapes) < enough * len(values):
        return None
    sign = shapes[0][1]
    year = "%Y" if len(shapes[0][2]) == 4 else "%y"
    read = []
    for order in (_MONTH_FIRST, _DAY_FIRST) if sign == "/" else (_DAY_FIRST, _MONTH_FIRST):
        formats = _with_clocks([sign.join((*order, year))])
        if found := _formatted(values, formats, enough):
            read.append((found, order))
    if not read:
        return None
    # Files are of a day, a week or a month: read in the wrong order, theirs are spread over a year.
    # Stable: the usual order of the sign first.
    read.sort(key=lambda item: (not item[0].is_exact, item[0].days[-1] - item[0].days[0]))
    first, order = read[0]
    if len(read) == 1 or first.is_exact != read[1][0].is_exact:
        return first
    told = "/".join(_WORDS[part] for part in (*order, year))
    other = read[1][0].template
    return replace(first, doubt=f"read as {told}, and no value says so; else {other}")


def _with_clocks(formats: Sequence[str]) -> list[str]:
    return [day + clock for day in formats for clock in _CLOCKS]


def _formatted(values: Sequence[str], formats: Sequence[str], enough: float) -> Times | None:
    for form in formats:
        days = []
        missed = 0
        for value in values:
            try:
                day = datetime.strptime(value, form).date()
            except ValueError:
                missed += 1
                if missed > (1 - enough) * len(values):
                    break
                continue
            if _FIRST_YEAR <= day.year <= _LAST_YEAR:
                days.append(day)
        if len(days) >= enough * len(values) and (form not in _PACKED or _is_packed(values, form)):
            template = f"strptime({{}}, '{form}')"
            return Times(template, False, "%M" in form, len(days) == len(values), _sorted(days))
    return None


def _is_packed(values: Sequence[str], form: str) -> bool:
    """Python's reader takes fewer digits than these formats have."""
    wanted = 8 if form == "%Y%m%d" else 14
    return sum(len(value) == wanted and value.isdigit() for value in values) > 0.8 * len(values)


def _epoch(values: Sequence[str]) -> Times | None:
    try:
        numbers = [float(value) for value in values]
    except ValueError:
        return None
    for times, template in ((1, "to_timestamp(cast({} as double))"),
                            (1000, "to_timestamp(cast({} as double) / 1000)")):  # fmt: skip
        if all(_EPOCH_FROM * times <= number < _EPOCH_TO * times for number in numbers):
            days = [datetime.fromtimestamp(number / times, UTC).date() for number in numbers]
            return Times(template, True, True, True, _sorted(days))
    return None


def _sorted(days: list[date]) -> tuple[date, ...]:
    return tuple(sorted(days))
