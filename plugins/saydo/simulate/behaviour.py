"""What customers do, month after month: join, feel, buy, change, pause, leave and come back."""

from __future__ import annotations

import numpy as np

from saydo.simulate.clock import DAY, NEVER, Window, office_hours
from saydo.simulate.credits import Credits
from saydo.simulate.influence import Influence
from saydo.simulate.network import MonthOfUsage
from saydo.simulate.panel import Panel
from saydo.simulate.parameters import (
    ADD_ONS,
    BROADBAND,
    CATALOGUE,
    DEVICES,
    EFFECTS,
    MOOD_SEASON,
    PLANS,
    RATES,
    SPEND_SEASON,
    Product,
    stream,
)
from saydo.simulate.people import People
from saydo.simulate.plants import Plants
from saydo.simulate.subscriptions import REASONS, Book

NOT_YET, ACTIVE, PAUSED, LEFT = range(4)
_LEAVE_REASONS = [REASONS.index(name) for name in ("SWITCHED", "PRICE", "NETWORK", "MOVED")]


class Life:
    """The state of every person, moved forward one month at a time."""

    def __init__(
        self,
        people: People,
        window: Window,
        seed: int,
        credits: Credits | None = None,
        plants: Plants | None = None,
        influence: Influence | None = None,
    ) -> None:
        self.people, self.window, self.seed = people, window, seed
        self.credits, self.plants, self.influence = credits, plants, influence
        self.book, self.panel = Book(), Panel.empty(window, people, seed)
        count = people.count
        self.status = np.full(count, NOT_YET)
        self.resume_month = np.full(count, -1)
        self.leave_day = np.full(count, -1)  # in the month to come
        self.paused_at = np.full(count, NEVER)
        self.left_month = np.full(count, -99)
        self.left_at = np.full(count, NEVER)
        self.ever_left_at: list[tuple[np.ndarray, np.ndarray]] = []
        self._begin()

    def _draw(
        self, rng: np.random.Generator, products: tuple[Product, ...], count: int
    ) -> tuple[np.ndarray, np.ndarray]:
        share = np.array([item.share for item in products])
        index = rng.choice(len(products), count, p=share / share.sum())
        base = CATALOGUE.index(products[0])
        cents = np.array([round(item.price * 100) for item in products])[index]
        return base + index, cents

    def _sign(
        self,
        rng: np.random.Generator,
        products: tuple[Product, ...],
        person: np.ndarray,
        started: np.ndarray,
        contract_days: np.ndarray | int = 0,
        account: np.ndarray | None = None,
    ) -> None:
        product, cents = self._draw(rng, products, len(person))
        account = person if account is None else account
        self.book.start(account, person, product, cents, started, contract_days)

    def _begin(self) -> None:
        """What had been signed before the window began."""
        rng = stream(self.seed, "begin")
        people, window = self.people, self.window
        here = np.flatnonzero(people.joined_day < 0)
        self.status[here] = ACTIVE
        self._plans(rng, here, people.opened_at[here] + 60)
        for products, share in ((ADD_ONS, 0.35), (DEVICES, 0.35)):
            some = here[rng.random(len(here)) < share]
            day = rng.integers(np.maximum(people.joined_day[some], -600), 0)
            started = window.second(day, office_hours(rng, len(some)))
            started = np.maximum(started, people.opened_at[some] + 120)
            self._sign(rng, products, some, started, 730 if products is DEVICES else 0)
        account = np.arange(people.count, people.account_count)
        account = account[people.opened_at[account] < window.start_second]
        self._sign(
            rng, BROADBAND, people.person[account], people.opened_at[account] + 60, 540, account
        )

    def _plans(self, rng: np.random.Generator, person: np.ndarray, at: np.ndarray) -> None:
        term = rng.choice((0, 365, 730), len(person), p=(0.5, 0.3, 0.2))
        self._sign(rng, PLANS, person, at, term)

    def _moment(self, rng: np.random.Generator, month: int, count: int) -> np.ndarray:
        """Instants in a month, never in its last three days."""
        begin, end = self.window.month_starts[month], self.window.month_starts[month + 1]
        return self.window.second(rng.integers(begin, end - 3, count), office_hours(rng, count))

    def _rows_of(self, person: np.ndarray, kind: str | None = None) -> np.ndarray:
        rows = self.book.open_rows()
        chosen = np.zeros(self.people.count, dtype=bool)
        chosen[person] = True
        rows = rows[chosen[self.book.person[rows]]]
        if kind:
            wanted = np.array([item.kind == kind for item in CATALOGUE])
            rows = rows[wanted[self.book.product[rows]]]
        return rows

    def open_month(self, month: int) -> tuple[np.ndarray, np.ndarray]:
        """Joins, returns, pauses, changes and departures; (first, last) day on the network."""
        rng = stream(self.seed, f"life {month}")
        window, people, book = self.window, self.people, self.book
        begin, end = int(window.month_starts[month]), int(window.month_starts[month + 1])
        first = np.full(people.count, begin)

        joins = (people.joined_day >= begin) & (people.joined_day < end)
        self.status[joins] = ACTIVE
        new = np.flatnonzero(joins)
        self._plans(rng, new, people.opened_at[new] + 60)
        first[new] = people.joined_day[new] + 1

        gone_months = month - self.left_month
        back = np.flatnonzero(
            (self.status == LEFT)
            & ((gone_months == 1) | (gone_months == 2))
            & (rng.random(people.count) < RATES.back)
        )
        at = self._moment(rng, month, len(back))
        self._plans(rng, back, at)
        self.status[back], self.left_at[back] = ACTIVE, NEVER
        first[back] = window.day_of(at) + 1

        self._resume(month, begin)
        self._pause(rng, month, begin, joins)
        self._change_tariffs(rng, month, joins)
        active = self.status == ACTIVE
        settled = active & ~joins & (first == begin)
        last = np.where(active, end - 1, -1)
        self._add_ons(rng, month, settled)

        leavers = np.flatnonzero((self.leave_day >= begin) & (self.status == ACTIVE))
        at = window.second(self.leave_day[leavers], office_hours(rng, len(leavers)))
        why = np.full(people.count, -1)
        why[leavers] = np.where(
            rng.random(len(leavers)) < 0.2,
            REASONS.index("NON_PAYMENT"),
            rng.choice(_LEAVE_REASONS, len(leavers), p=(0.35, 0.3, 0.25, 0.1)),
        )
        when = np.full(people.count, NEVER)
        when[leavers] = at
        rows = self._rows_of(leavers)
        owner = book.person[rows]
        ends = np.maximum(when[owner], book.started[rows] + 3600)
        book.end(rows, ends, why[owner])
        last[leavers] = self.leave_day[leavers]
        self.status[leavers], self.left_month[leavers] = LEFT, month
        self.left_at[leavers] = at
        self.ever_left_at.append((leavers, at))
        self.panel.first_day[month], self.panel.last_day[month] = first, last
        return first, last

    def _resume(self, month: int, begin: int) -> None:
        book = self.book
        back = (self.status == PAUSED) & (self.resume_month == month)
        paused = np.flatnonzero((book.reason == 0) & back[book.person])
        latest = paused[book.ended[paused] == self.paused_at[book.person[paused]]]
        at = np.full(len(latest), self.window.second(begin, 1800))
        contract = np.where(book.contract[latest] == NEVER, 0, (book.contract[latest] - at) // DAY)
        book.start(
            book.account[latest],
            book.person[latest],
            book.product[latest],
            book.cents[latest],
            at,
            contract,
            book.number[latest],
        )
        self.status[back] = ACTIVE

    def _pause(self, rng: np.random.Generator, month: int, begin: int, joins: np.ndarray) -> None:
        count = self.people.count
        can = (self.status == ACTIVE) & ~joins & (self.leave_day < begin)
        can &= self.left_month < month - 1
        pauses = np.flatnonzero(can & (rng.random(count) < RATES.pause))
        at = self.window.second(begin, 1800)
        rows = self._rows_of(pauses)
        rows = rows[self.book.started[rows] < at]
        self.book.end(rows, at, 0)
        self.paused_at[pauses] = at
        self.status[pauses] = PAUSED
        self.resume_month[pauses] = month + rng.integers(1, 4, len(pauses))

    def _change_tariffs(self, rng: np.random.Generator, month: int, joins: np.ndarray) -> None:
        book, window = self.book, self.window
        some = np.flatnonzero(
            (self.status == ACTIVE)
            & ~joins
            & (self.leave_day < window.month_starts[month])
            & (rng.random(self.people.count) < RATES.tariff_change)
        )
        rows = self._rows_of(some, "plan")
        rows = rows[book.account[rows] == book.person[rows]]
        rows = rows[book.started[rows] < window.second(window.month_starts[month])]
        at = self._moment(rng, month, len(rows))
        book.end(rows, at, REASONS.index("TARIFF_CHANGE"))
        self._plans(rng, book.person[rows], at)

    def _add_ons(self, rng: np.random.Generator, month: int, settled: np.ndarray) -> None:
        """New services after last month's score; and add-ons, devices and lines that end."""
        book, count = self.book, self.people.count
        stays = settled & (self.leave_day < self.window.month_starts[month])
        chance = np.full(count, EFFECTS.new_service_base)
        if month:
            score = self.panel.score[month - 1]
            chance = np.where(np.isnan(score), chance, EFFECTS.new_service(score))
        buys = np.flatnonzero(stays & (rng.random(count) < chance))
        kept = np.flatnonzero(stays)
        for kind, rate in (("add_on", RATES.add_on_ends), ("plan", RATES.broadband_ends)):
            rows = self._rows_of(kept, kind)
            if kind == "plan":
                rows = rows[book.account[rows] >= count]
            rows = rows[rng.random(len(rows)) < rate]
            at = self._moment(rng, month, len(rows))
            book.end(rows, np.maximum(at, book.started[rows] + 3600), REASONS.index("NOT_NEEDED"))
        self._sign(rng, ADD_ONS, buys, self._moment(rng, month, len(buys)))
        for name, planted in (("plants", self.plants), ("influence", self.influence)):
            if planted:
                rng, (buys, product) = stream(self.seed, f"{name} {month}"), planted.buyers(month)
                buys = buys[stays[buys]]
                self._sign(rng, (product,), buys, self._moment(rng, month, len(buys)))

    def close_month(self, month: int, usage: MonthOfUsage) -> None:
        """Scores from this month's service; spend of this month; who leaves in the next."""
        rng = stream(self.seed, f"mind {month}")
        panel, people, window = self.panel, self.people, self.window
        now = usage.experience
        panel.experience[month] = now
        lag = np.nan_to_num(panel.experience[month - 1]) if month else np.zeros(people.count)
        calendar = window.calendar_month(month) - 1
        since = month - panel.experiment_month
        helped = (panel.treated == 1) & (0 <= since < EFFECTS.experiment_months)
        score = (
            EFFECTS.satisfaction_mean
            + people.trait
            + MOOD_SEASON[calendar]
            + EFFECTS.experience_now * now
            + EFFECTS.experience_lag * lag
            + EFFECTS.experiment_satisfaction * helped
            + rng.normal(0, EFFECTS.satisfaction_noise, people.count)
            + (self.plants.change(month) if self.plants else 0)
        )
        panel.score[month] = score = np.clip(np.round(score), 0, 10)

        before_s = panel.score[month - 1] if month else np.full(people.count, np.nan)
        before_e = panel.experience[month - 1] if month else before_s
        known = ~np.isnan(before_s)
        effect = np.where(known, EFFECTS.spend(before_s, before_e), 0.3)
        spend = (
            EFFECTS.spend_base
            + EFFECTS.spend_trait * people.trait
            + SPEND_SEASON[calendar]
            + effect
            + rng.normal(0, EFFECTS.spend_noise, people.count)
        )
        used = ~np.isnan(now)
        panel.usage_cents[month] = np.where(used, np.round(np.maximum(spend, 0.5) * 100), -1)

        with np.errstate(invalid="ignore"):
            hazard = EFFECTS.churn(score, now) + EFFECTS.experiment_churn * helped
            may_leave = (self.status == ACTIVE) & used
            if self.credits:
                present = panel.first_day[month], panel.last_day[month]
                before = panel.score[month - 1] if month else None
                hazard = self.credits.close_month(month, hazard, may_leave, present, before)
            hazard = np.clip(hazard, 0, 0.5)
            leaves = may_leave & (rng.random(people.count) < hazard)
        end = int(window.month_starts[month + 1])
        self.leave_day = np.where(leaves, end + rng.integers(1, 25, people.count), -1)

    def close_accounts(self) -> None:
        """Accounts of those who left and stayed away are closed after 90 days."""
        closing = self.left_at + 90 * DAY
        person = self.people.person
        closed = closing[person]
        end = self.window.second(self.window.days)
        gone = (self.left_at[person] != NEVER) & (closed < end)
        gone &= self.people.opened_at < closed
        self.people.closed_at = np.where(gone, closed, NEVER)
