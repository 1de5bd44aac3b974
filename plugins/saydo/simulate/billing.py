"""The ledger: charges, payments, one-off purchases, refunds and credits of each month."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from saydo.simulate.behaviour import Life
from saydo.simulate.clock import DAY, NEVER, Window, office_hours
from saydo.simulate.columns import codes, local, pick
from saydo.simulate.parameters import CATALOGUE, RATES, USAGE_PRODUCT, stream

KINDS = ("charge", "payment", "refund", "credit", "one_off", "memo")
LEDGER_CODES = ("INV", "PAY", "REF", "CRN", "ADH", "MEMO")
ITEMS = (*(item.code for item in CATALOGUE), USAGE_PRODUCT, "ROAM-PASS", "ACCESSORY")
_USAGE = len(CATALOGUE)
_STEP_DAYS = {"day": 1, "week": 7}
_STEP_MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass
class Entries:
    """Rows of the ledger; amounts are whole pence and never negative. `item` −1 is none."""

    account: np.ndarray
    at: np.ndarray
    kind: np.ndarray
    item: np.ndarray
    cents: np.ndarray

    @classmethod
    def of(
        cls,
        account: np.ndarray,
        at: np.ndarray,
        kind: str,
        item: np.ndarray | int,
        cents: np.ndarray,
    ) -> Entries:
        """Entries of one kind."""
        count = len(account)
        items = np.broadcast_to(np.asarray(item), count)
        return cls(account, at, np.full(count, KINDS.index(kind)), items, cents)


def _concatenate(parts: list[Entries]) -> Entries:
    names = ("account", "at", "kind", "item", "cents")
    return Entries(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def _recurring(life: Life, window: Window, month: int) -> list[Entries]:
    """Charges in advance: at the start, then each interval on from it."""
    book = life.book
    begin = int(window.second(window.month_starts[month]))
    end = int(window.second(window.month_starts[month + 1]))
    rows = np.flatnonzero((book.started < end) & ((book.ended == NEVER) | (book.ended > begin)))
    started, ended, product = book.started[rows], book.ended[rows], book.product[rows]
    start_month = started.astype("datetime64[s]").astype("datetime64[M]")
    start_day = (
        started.astype("datetime64[s]").astype("datetime64[D]")
        - start_month.astype("datetime64[D]")
    ).astype(np.int64)
    this_month = np.datetime64(window.date_of(int(window.month_starts[month])), "M")
    age = (this_month - start_month).astype(np.int64)
    counts = np.array([item.interval_count for item in CATALOGUE])
    parts = []

    def add(chosen: np.ndarray, at: np.ndarray) -> None:
        due = (at >= started[chosen]) & (at >= begin) & (at < end)
        due &= (ended[chosen] == NEVER) | (at < ended[chosen])
        kept = chosen[due]
        at = at[due]
        parts.append(
            Entries.of(
                book.account[rows[kept]], at, "charge", product[kept], book.cents[rows[kept]]
            )
        )

    for interval, step in _STEP_MONTHS.items():
        wanted = np.array([item.interval == interval for item in CATALOGUE])
        chosen = np.flatnonzero(wanted[product] & (age % (step * counts[product]) == 0))
        at = begin + np.minimum(start_day[chosen], 27) * DAY + 4 * 3600
        add(chosen, np.where(age[chosen] == 0, started[chosen], at))
    for interval, days in _STEP_DAYS.items():
        wanted = np.array([item.interval == interval for item in CATALOGUE])
        chosen = np.flatnonzero(wanted[product])
        step = days * DAY * counts[product[chosen]]
        first = np.maximum(-((started[chosen] - begin) // step), 0)
        for k in range(31 // days + 1):
            add(chosen, started[chosen] + (first + k) * step)
    return parts


def _occasional(rng: np.random.Generator, life: Life, window: Window, month: int) -> list[Entries]:
    """Variable charges, one-off purchases, refunds, credits and memos of the active."""
    panel = life.panel
    cents = panel.usage_cents[month]
    used = np.flatnonzero(cents >= 0)
    begin, end = int(window.month_starts[month]), int(window.month_starts[month + 1])
    bill = np.full(len(used), window.second(end - 1, 20 * 3600))
    parts = [Entries.of(used, bill, "charge", _USAGE, cents[used])]
    first, last = panel.first_day[month], panel.last_day[month]
    for kind, rate, item, low, high in (
        ("one_off", RATES.one_off, _USAGE + 1, 500, 2500),
        ("one_off", RATES.one_off / 3, _USAGE + 2, 900, 4000),
        ("refund", RATES.refund, _USAGE, 200, 1500),
        ("credit", RATES.credit, -1, 200, 1000),
        ("memo", 0.004, -1, 0, 1),
    ):
        some = used[(rng.random(len(used)) < rate) & (first[used] < last[used])]
        day = rng.integers(np.maximum(first[some], begin), np.minimum(last[some] + 1, end))
        at = window.second(day, office_hours(rng, len(some)))
        parts.append(Entries.of(some, at, kind, item, rng.integers(low, high, len(some))))
    return parts


def bill_month(
    life: Life, window: Window, month: int, seed: int, unpaid: np.ndarray
) -> tuple[Entries, np.ndarray]:
    """The entries of a month in order of time, and what each account now owes.

    `unpaid` is what the accounts owe from the month before (pence): it is paid in this one.
    """
    rng = stream(seed, f"billing {month}")
    parts = _recurring(life, window, month) + _occasional(rng, life, window, month)
    owed = np.zeros(life.people.account_count, dtype=np.int64)
    for part in parts:
        if len(part.kind) and KINDS[part.kind[0]] in ("charge", "one_off"):
            np.add.at(owed, part.account, part.cents)
    pays = np.flatnonzero((unpaid > 0) & (rng.random(len(unpaid)) < 0.985))
    day = window.month_starts[month] + np.clip(rng.poisson(5, len(pays)), 1, 25)
    at = window.second(day, office_hours(rng, len(pays)))
    parts.append(Entries.of(pays, at, "payment", -1, unpaid[pays]))
    entries = _concatenate(parts)
    order = np.argsort(entries.at, kind="stable")
    names = ("account", "at", "kind", "item", "cents")
    return Entries(*(getattr(entries, name)[order] for name in names)), owed


def ledger_table(life: Life, entries: Entries, first_number: int) -> pa.Table:
    """The entries as billing writes them."""
    count = len(entries.at)
    item = entries.item
    return pa.table(
        {
            "entry_no": codes("L", first_number + np.arange(count), 10),
            "account_no": life.people.account_codes.take(pa.array(entries.account)),
            "booked": local(entries.at),
            "kind": pick(LEDGER_CODES, entries.kind),
            "item": pick(ITEMS, np.maximum(item, 0), empty=item < 0),
            "pence": pa.array(entries.cents),
            "ccy": pick(("GBP",), np.zeros(count, dtype=np.int64)),
        }
    )
