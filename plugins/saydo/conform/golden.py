"""Golden histories: subscriptions, and beside them the movements that any tool must find in them.

The movements are written down from the definitions, not computed. All amounts are euros, all times
UTC; the months are those up to `AS_OF`. What is paid in a month is the monthly price of what is
open at its end: a week counts 52/12, a day 365/12, a quarter a third and a year a twelfth, to the
cent, half up; an end is exclusive, so what ends with the month was open at its end.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from saydo.conform.movements import COLUMNS
from saydo.durable import replace_text

AS_OF = "2024-05-31"
SUBSCRIPTION_COLUMNS = (
    "customer", "subscription_id", "product_code", "product_type", "recurring_amount",
    "billing_interval", "interval_count", "started_at", "ended_at",
)  # fmt: skip


@dataclass(frozen=True)
class Golden:
    """One history: what it is about, its subscriptions and its movements, both as rows of text."""

    name: str
    about: str
    subscriptions: tuple[tuple[str, ...], ...]
    movements: tuple[tuple[str, ...], ...]


def _golden(name: str, about: str, subscriptions: str, movements: str = "") -> Golden:
    """A line is `customer id product amount interval start end`; `-` is open or not given."""
    spans = []
    for line in subscriptions.strip().splitlines():
        customer, number, product, amount, interval, start, end = line.split()
        unit, _, count = interval.partition("*")
        kind = "add_on" if product in ("films", "music") else "plan"
        days = ["" if day == "-" else day.replace("T", " ") for day in (start, end)]
        spans.append((customer, f"{customer}-{number}", product, kind, amount, unit, count, *days))
    moved = tuple(tuple(line.split()) for line in movements.strip().splitlines())
    return Golden(name, about, tuple(spans), moved)


GOLDEN = (
    _golden(
        "bridge",
        "Six customers over four steps, with their net and gross retention in docs/conform-mrr.md.",
        """
        A 1 basic 100 month 2024-01-10 2024-03-12
        A 1 basic 120 month 2024-03-12 -
        B 1 basic 50 month 2024-01-05 2024-04-09
        C 1 basic 80 month 2024-01-20 2024-03-15
        C 1 basic 60 month 2024-03-15 -
        D 1 basic 40 month 2024-03-03 -
        E 1 basic 30 month 2024-01-08 2024-02-20
        E 2 basic 30 month 2024-04-11 2024-05-05
        E 2 basic 45 month 2024-05-05 -
        F 1 basic 70 month 2024-01-31T23:00:00 -
        """,
        """
        A 2024-01 100.00 new
        A 2024-03 20.00 expansion
        B 2024-01 50.00 new
        B 2024-04 -50.00 churn
        C 2024-01 80.00 new
        C 2024-03 -20.00 contraction
        D 2024-03 40.00 new
        E 2024-01 30.00 new
        E 2024-02 -30.00 churn
        E 2024-04 30.00 reactivation
        E 2024-05 15.00 expansion
        F 2024-01 70.00 new
        """,
    ),
    _golden(
        "pause",
        "One pauses over the end of a month and comes back; one between two of them, unmoved.",
        """
        long 1 basic 20 month 2024-01-10 2024-02-15
        long 1 basic 20 month 2024-04-01 -
        short 1 basic 20 month 2024-01-10 2024-03-05
        short 1 basic 20 month 2024-03-20 -
        """,
        """
        long 2024-01 20.00 new
        long 2024-02 -20.00 churn
        long 2024-04 20.00 reactivation
        short 2024-01 20.00 new
        """,
    ),
    _golden(
        "plan_migration",
        "A plan ends and another begins in the same month: more or less is paid, nobody left.",
        """
        up 1 basic 20 month 2024-01-10 2024-03-10
        up 2 gold 30 month 2024-03-10 -
        down 1 gold 30 month 2024-01-10 2024-03-10
        down 2 basic 20 month 2024-03-12 -
        even 1 basic 20 month 2024-01-10 2024-03-10
        even 2 other 20 month 2024-03-10 -
        """,
        """
        down 2024-01 30.00 new
        down 2024-03 -10.00 contraction
        even 2024-01 20.00 new
        up 2024-01 20.00 new
        up 2024-03 10.00 expansion
        """,
    ),
    _golden(
        "several_subscriptions",
        "To end one of two is to pay less; to end the last is to leave.",
        """
        two 1 basic 20 month 2024-01-10 2024-05-10
        two 2 films 10 month 2024-01-12 2024-03-20
        """,
        """
        two 2024-01 30.00 new
        two 2024-03 -10.00 contraction
        two 2024-05 -20.00 churn
        """,
    ),
    _golden(
        "discount_ends",
        "One subscription in two phases: the price goes up, no other subscription begins.",
        """
        one 1 basic 10 month 2024-01-10 2024-04-15
        one 1 basic 25 month 2024-04-15 -
        """,
        """
        one 2024-01 10.00 new
        one 2024-04 15.00 expansion
        """,
    ),
    _golden(
        "free",
        "Nobody is new before they pay: a trial counts from its first price, a free plan never.",
        """
        trial 1 basic 0 month 2024-01-05 2024-02-05
        trial 1 basic 15 month 2024-02-05 -
        never 1 free 0 month 2024-01-05 -
        """,
        """
        trial 2024-02 15.00 new
        """,
    ),
    _golden(
        "intervals",
        "Weeks are 52 in twelve months, not four in each; a year is a twelfth a month.",
        """
        daily 1 basic 1 day 2024-01-10 -
        weekly 1 basic 12 week 2024-01-10 -
        fortnightly 1 basic 10 week*2 2024-01-10 -
        quarterly 1 basic 30 quarter 2024-01-10 -
        yearly 1 basic 120 year 2024-01-10 -
        """,
        """
        daily 2024-01 30.42 new
        fortnightly 2024-01 21.67 new
        quarterly 2024-01 10.00 new
        weekly 2024-01 52.00 new
        yearly 2024-01 10.00 new
        """,
    ),
    _golden(
        "ends",
        "What ends with a month was open at its end; what lives within one is never there; an open "
        "end is an open subscription; an end ahead has not come.",
        """
        with_month 1 basic 20 month 2024-01-10 2024-03-01
        within 1 basic 20 month 2024-02-02 2024-02-27
        open 1 basic 20 month 2024-01-10 -
        ahead 1 basic 20 month 2024-01-10 2024-09-30
        """,
        """
        ahead 2024-01 20.00 new
        open 2024-01 20.00 new
        with_month 2024-01 20.00 new
        with_month 2024-03 -20.00 churn
        """,
    ),
)


def write_golden(folder: Path) -> list[Path]:
    """Write each history as `<name>/subscriptions.csv` and, beside it, `<name>/movements.csv`.

    Returns:
        the folders, in the order of GOLDEN.
    """
    made = []
    for golden in GOLDEN:
        place = folder / golden.name
        place.mkdir(parents=True, exist_ok=True)
        _write(place / "subscriptions.csv", SUBSCRIPTION_COLUMNS, golden.subscriptions)
        _write(place / "movements.csv", COLUMNS, golden.movements)
        made.append(place)
    return made


def _write(file: Path, columns: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> None:
    lines = [",".join(row) for row in (columns, *rows)]
    replace_text(file, "\n".join(lines) + "\n")
