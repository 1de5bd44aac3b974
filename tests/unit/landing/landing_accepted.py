"""What the gate does with batches that are in order, without the gate."""

from __future__ import annotations

from decimal import Decimal
from functools import partial

from landing_home import Home

from saydo.landing import Batch, change_entry, read_ledger
from saydo.landing.raw import retire_replaced


def accept(home: Home) -> None:
    """What the gate does with batches that are in order."""
    settings = home.settings
    for batch in read_ledger(settings):
        if batch.status == "landed":
            then = partial(retire_replaced, settings)
            change_entry(settings, batch, lambda _: {"status": "accepted"}, "checked", then=then)


def counting(home: Home) -> list[Batch]:
    return [batch for batch in home.ledger() if batch.status == "accepted"]


def total(home: Home) -> Decimal:
    """Of the amounts that count now."""
    ids = ", ".join(f"'{batch.batch_id}'" for batch in counting(home))
    return sum(
        (amount for amount, is_in in home.rows(f"amount, _batch_id in ({ids})") if is_in),
        Decimal(0),
    )
