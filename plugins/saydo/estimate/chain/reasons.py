"""Why an effect is not published, in sentences that stay the same from release to release."""

from __future__ import annotations

from collections.abc import Iterable

NO_ANSWERS = "nobody has given a satisfaction score"
NO_ROWS = "no answer has service before it and behaviour after it in months that are whole"
FEW_CUSTOMERS = "fewer customers than policy chain.min_customers answered in two months or more"
FEW_IN_SEGMENT = (
    "fewer customers than policy chain.min_segment_customers answered in two months or more"
)
FEW_MONTHS = "fewer months than policy chain.min_months have answers"
FEW_GROUPS = "too few groups of customers to say how sure it is"
LEAK = "the score gives leaving away: at some scores nearly all leave, at others nearly none"
LEAD_FAILED = "service of a later month seems to move it, so that something else moves both"
LEAD_UNTESTED = "too few later months are known to test that later service does not move it"


def never_varies(name: str) -> str:
    """Of a variable that is the same in all months of each customer."""
    return f"{name} never varies within customers"


def not_apart(names: Iterable[str]) -> str:
    """Of variables that move together only."""
    return f"{', '.join(names)} move together only and cannot be told apart"


def held_by_few(name: str) -> str:
    """Of an outcome that one group of customers, some hundredth of all, holds most of."""
    return f"one group of customers holds more than half of what {name} varies"
