"""The book of subscriptions: started, changed, paused, ended."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from saydo.simulate.clock import DAY, NEVER
from saydo.simulate.columns import codes, local, pick
from saydo.simulate.parameters import CATALOGUE
from saydo.simulate.people import People

REASONS = (
    "PAUSE",
    "TARIFF_CHANGE",
    "SWITCHED",
    "PRICE",
    "NETWORK",
    "MOVED",
    "NON_PAYMENT",
    "NOT_NEEDED",
    "PAID_OFF",
)
_FIELDS = ("number", "account", "person", "product", "cents", "started", "ended", "contract")


class Book:
    """Arrays of one length, one row per subscription and start; grows month by month."""

    def __init__(self) -> None:
        self.number = np.array([], dtype=np.int64)
        self.account = self.person = self.product = self.cents = self.number
        self.started = self.ended = self.contract = self.number
        self.reason = self.number
        self._next = 1

    def start(
        self,
        account: np.ndarray,
        person: np.ndarray,
        product: np.ndarray,
        cents: np.ndarray,
        started: np.ndarray,
        contract_days: np.ndarray | int = 0,
        number: np.ndarray | None = None,
    ) -> np.ndarray:
        """Add rows and return their positions. `number` given: the same subscription goes on."""
        count = len(account)
        if number is None:
            number = np.arange(self._next, self._next + count)
            self._next += count
        contract_days = np.broadcast_to(np.asarray(contract_days), count)
        contract = np.where(contract_days > 0, started + contract_days * DAY, NEVER)
        ended = np.full(count, NEVER)
        new = (number, account, person, product, cents, started, ended, contract)
        position = np.arange(len(self.number), len(self.number) + count)
        for name, values in zip(_FIELDS, new, strict=True):
            setattr(self, name, np.concatenate([getattr(self, name), values.astype(np.int64)]))
        self.reason = np.concatenate([self.reason, np.full(count, -1)])
        return position

    def end(self, rows: np.ndarray, at: np.ndarray, reason: np.ndarray | int) -> None:
        """Close open rows."""
        self.ended[rows] = at
        self.reason[rows] = reason

    def open_rows(self) -> np.ndarray:
        """Positions of the rows still open."""
        return np.flatnonzero(self.ended == NEVER)

    def table(self, people: People, with_end: np.ndarray, rows: np.ndarray) -> pa.Table:
        """The rows as billing delivers them; `with_end` false: as they stood when started."""
        ended = np.where(with_end, self.ended[rows], NEVER)
        changed = np.where(ended == NEVER, self.started[rows], ended)
        product = self.product[rows]
        return pa.table(
            {
                "contract_no": codes("SUB", self.number[rows], 9),
                "account_no": people.account_codes.take(pa.array(self.account[rows])),
                "tariff": pick([item.code for item in CATALOGUE], product),
                "tariff_class": pick([item.kind.upper() for item in CATALOGUE], product),
                "price_pence": pa.array(self.cents[rows]),
                "cycle": pick([item.interval[0].upper() for item in CATALOGUE], product),
                "cycle_count": pa.array(
                    np.array([item.interval_count for item in CATALOGUE])[product]
                ),
                "active_from": local(self.started[rows]),
                "active_to": local(ended),
                "minimum_term_end": local(self.contract[rows]),
                "end_reason": pick(REASONS, self.reason[rows], empty=ended == NEVER),
                "changed_at": local(changed),
            }
        )
