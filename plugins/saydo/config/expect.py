"""What a feed's deliveries must be: not empty, not broken, and there in time."""

from __future__ import annotations

import re
from datetime import time
from typing import Annotated, Literal, get_args

from pydantic import Field, field_validator, model_validator

from saydo.config.types import Ratio, Strict, unknown

Every = Literal["day", "weekday", "week", "month"]
_CLOCK = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")


class Expect(Strict):
    """What a delivery must satisfy to be loaded, and when the next one is due.

    `by` is a time of the clock in the feed's zone: every day, on weekdays, on Mondays or on the
    first of the month a delivery of the days since the last such day is due. `date` is the day
    that a file is of, an expression over `file_name`.
    """

    min_rows: Annotated[int, Field(ge=0)] = 1
    max_reject_ratio: Ratio = 0.01
    by: str | None = None
    every: Every | None = None
    date: str | None = None

    @field_validator("by", mode="before")
    @classmethod
    def _is_a_time_of_the_clock(cls, given: object) -> object:
        if given is None or (isinstance(given, str) and _CLOCK.fullmatch(given)):
            return given
        near = _nearest(given)
        hint = f"did you mean {near!r}?" if near else "such as '06:00'"
        raise ValueError(f"{given!r} is no time of the clock; give it as 'HH:MM', quoted: {hint}")

    @field_validator("every", mode="before")
    @classmethod
    def _is_known(cls, given: object) -> object:
        known = get_args(Every)
        if given is not None and given not in known:
            raise ValueError(unknown("rhythm", str(given), known))
        return given

    @model_validator(mode="after")
    def _goes_with_a_time(self) -> Expect:
        if self.by is None and (self.every or self.date):
            raise ValueError(
                "`every` and `date` say when `by` is meant: give `by`, such as '06:00'"
            )
        return self

    @property
    def clock(self) -> time:
        """`by` as a time."""
        return time.fromisoformat(self.by or "00:00")

    @property
    def rhythm(self) -> Every:
        """`every`; a day where only `by` is given."""
        return self.every or "day"


def _nearest(given: object) -> str | None:
    """The time of the clock that was meant, if it can be told.

    YAML reads 16:30 without quotes as a number to the base of sixty, and 6 as itself.
    """
    if isinstance(given, bool):
        return None
    if isinstance(given, int):
        hours, minutes = (given, 0) if given < 24 else divmod(given, 60)
    else:
        found = re.match(r"\s*([0-9]{1,2})(?:[:.h]([0-9]{1,2}))?", str(given))
        if not found:
            return None
        hours, minutes = int(found[1]), int(found[2] or 0)
        if re.search(r"p\.?m", str(given), re.IGNORECASE) and hours < 12:
            hours += 12
    return f"{hours:02}:{minutes:02}" if 0 <= hours < 24 and 0 <= minutes < 60 else None
