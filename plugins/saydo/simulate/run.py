"""Puts the parts together: people, sites, a life of months, and the files they leave behind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from saydo.errors import ConfigError
from saydo.simulate import truth
from saydo.simulate.accounts import draw_moves, make_accounts
from saydo.simulate.again import deliver_again
from saydo.simulate.behaviour import Life
from saydo.simulate.billing import KINDS as LEDGER_KINDS
from saydo.simulate.billing import bill_month, ledger_table
from saydo.simulate.care import (
    choose_erased,
    make_assignments,
    make_contacts,
    make_erasures,
    make_planted_contacts,
)
from saydo.simulate.clock import Window
from saydo.simulate.credits import FOLDER, Credits
from saydo.simulate.delivery import Delivery, first_and_changed, write_file
from saydo.simulate.faults import find_faults, inject_faults
from saydo.simulate.identifiers import contact_points, make_identifiers, make_spans
from saydo.simulate.influence import FEWEST_MONTHS, Influence
from saydo.simulate.living import live
from saydo.simulate.mistakes import make_mistakes, mistype_contacts
from saydo.simulate.network import MonthOfUsage, make_lines, make_month
from saydo.simulate.parameters import MISTAKEN_TWINS, REGIONS, TWINS, stream
from saydo.simulate.people import make_people
from saydo.simulate.plants import Plants
from saydo.simulate.sessions import as_sessions
from saydo.simulate.sites import incident_table, make_sites
from saydo.simulate.surveys import make_exits, make_wave

Progress = Callable[[str, int, int], None]


class _Run:
    """One simulation: where it delivers to, and what it has counted."""

    def __init__(
        self,
        out: Path,
        customers: int,
        months: int,
        seed: int,
        daily: bool,
        progress: Progress,
        mistakes: float,
        sessions: bool,
        credits: bool,
        journeys: bool,
        influence: bool,
    ) -> None:
        self.seed, self.daily, self.progress = seed, daily, progress
        self.window = Window(months)
        usage = "network_sessions" if sessions else "network_usage_daily"
        self.delivery = Delivery(out, self.window, daily, usage, influence)
        self.unique: Counter[str] = Counter()
        self.totals: Counter[str] = Counter()
        self.mistakes, self.mistaken = mistakes, dict[str, list[str]]()
        twins = MISTAKEN_TWINS if mistakes else TWINS
        self.people = make_people(customers, self.window, seed, twins)
        self.sites = make_sites(customers, len(REGIONS), self.window, seed)
        self.identifiers = make_identifiers(self.people, self.window, seed)
        self.plants = Plants(self.people, self.window, seed) if journeys else None
        self.influence = Influence(self.people, self.window, seed) if influence else None
        moves = draw_moves(self.people, self.window, seed)
        self.lines = make_lines(self.people, self.sites, moves, seed)
        self.credits = None
        if credits:
            self.credits = Credits(self.people, self.lines, self.sites, self.window, seed)

    def _add(self, source: str, table: pa.Table, day: np.ndarray, part: int = 0) -> None:
        self.unique[source] += table.num_rows
        self.delivery.add(source, table, day, stream(self.seed, f"late {source} {part}"))

    def use_network(self, month: int, first: np.ndarray, last: np.ndarray) -> MonthOfUsage:
        """Make and deliver the usage of a month."""
        usage = make_month(
            month,
            first,
            last,
            self.people,
            self.lines,
            self.sites,
            self.identifiers,
            self.window,
            self.seed,
        )
        table, day, source = usage.table, usage.day, self.delivery.usage
        if source == "network_sessions":
            table, row = as_sessions(table, self.unique[source] + 1)
            day = day[row]
        self._add(source, table, day, month)
        self.delivery.flush(int(self.window.month_starts[month + 1]))
        self.progress("network", month + 1, self.window.months)
        return usage

    def deliver_monthly(self, life: Life) -> None:
        """The ledger, the tracker and the contacts, month by month."""
        window, seed = self.window, self.seed
        unpaid = np.zeros(life.people.account_count, dtype=np.int64)
        exits, exit_day = make_exits(life, self.identifiers, window, seed)
        self._add("survey_responses", exits, exit_day)
        for month in range(window.months):
            entries, unpaid = bill_month(life, window, month, seed, unpaid)
            ledger = ledger_table(life, entries, self.unique["transactions"] + 1)
            for kind, name in enumerate(LEDGER_KINDS):
                self.totals[name] += int(entries.cents[entries.kind == kind].sum())
            self.totals["memo_count"] += int((entries.kind == LEDGER_KINDS.index("memo")).sum())
            self._add("transactions", ledger, window.day_of(entries.at), month)
            wave = make_wave(
                life, self.identifiers, window, month, seed, self.unique["survey_invitations"] + 1
            )
            self._add("survey_invitations", wave.invitations, wave.invitation_day)
            self._add("survey_responses", wave.answers, wave.answer_day, month + 1)
            contacts, day = make_contacts(
                life, self.identifiers, window, month, seed, self.unique["interactions"] + 1
            )
            self._add("interactions", contacts, day, month)
            if self.plants:
                number = self.unique["interactions"] + 1
                planted = make_planted_contacts(self.plants, life, self.identifiers, month, number)
                self._add("interactions", *planted, window.months + month)
            self.delivery.flush(int(window.month_starts[month + 1]))
            self.progress("ledger, surveys and contacts", month + 1, window.months)

    def deliver_once(self, life: Life, erased: np.ndarray) -> None:
        """Everything that changes slowly."""
        people, window, daily = life.people, self.window, self.daily
        table, day = make_accounts(people, self.lines, self.sites, window, self.seed)
        if self.mistakes:
            table, self.mistaken = make_mistakes(table, people, self.mistakes, self.seed)
        self._add("accounts", table, day)
        spans = make_spans(people, self.identifiers, window, self.seed)
        if self.mistakes:
            spans, mistyped = mistype_contacts(spans, people, self.mistakes, self.seed)
            for account, kinds in mistyped.items():
                self.mistaken.setdefault(account, []).extend(kinds)
        row, is_closed, day = first_and_changed(spans.valid_from, spans.valid_to, window, daily)
        self._add("account_identifiers", contact_points(spans, people, row, is_closed), day)
        self.unique["account_identifiers"] = len(spans.account)
        book = life.book
        row, is_closed, day = first_and_changed(book.started, book.ended, window, daily)
        self._add("subscriptions", book.table(people, is_closed, row), day)
        self.unique["subscriptions"] = len(book.number)
        ended = np.minimum(window.day_of(self.sites.incident_ended_at), window.days - 1)
        self._add("network_incidents", incident_table(self.sites), ended)
        self._add("experiment_assignments", *make_assignments(life, window))
        self._add("erasure_requests", *make_erasures(people, window, erased, self.seed))
        if self.influence:
            self._add("relationships", *self.influence.table())
        self.delivery.flush(window.days)

    def truth(self, life: Life, erased: np.ndarray) -> dict[str, Any]:
        """What truth.json says of everything but repeats and faults."""
        people, window, totals = self.people, self.window, self.totals
        revenue = totals["charge"] + totals["one_off"] - totals["refund"] - totals["credit"]
        return {
            "seed": self.seed,
            "customers": people.count,
            "months": window.months,
            "delivery": "daily" if self.daily else "bulk",
            "first_date": window.start.isoformat(),
            "last_date": window.date_of(window.days - 1).isoformat(),
            "totals": {
                "persons": people.count,
                "accounts": people.account_count,
                "pence": {kind: totals[kind] for kind in LEDGER_KINDS if kind != "memo"},
                "revenue_pence": revenue,
                "rows_delivered": self.delivery.delivered,
                "rows_filtered": {"transactions": totals["memo_count"]},
                "rows_unique": {source: self.unique[source] for source in self.delivery.delivered},
                "rows_late": self.delivery.late_rows,
            },
            "planted": truth.planted(life),
            "erased": [f"P{person:07d}" for person in erased.tolist()],
            "unlinkable_accounts": truth.unlinkable(people),
            "recycled_numbers": truth.recycled_numbers(people, self.identifiers, window),
            "household_emails": truth.household_emails(people, self.identifiers),
        }


def _checked(customers: int, months: int, out: Path) -> None:
    if customers < 50 or months < 1:
        raise ConfigError(
            f"customers={customers}, months={months}: at least 50 customers and 1 month are needed"
        )
    if months > 120:
        raise ConfigError(f"months={months}: at most 120")
    if out.exists() and any(out.iterdir()):
        raise ConfigError(f"{out} is not empty; name a new folder, or empty this one first")


def simulate(
    out: Path,
    customers: int,
    months: int,
    seed: int,
    daily: bool = False,
    faults: Sequence[str] = (),
    progress: Progress | None = None,
    mistakes: float = 0.0,
    sessions: bool = False,
    credits: bool = False,
    journeys: bool = False,
    influence: bool = False,
) -> dict[str, Any]:
    """Write a telco's deliveries below `out` (a landing folder), and `truth.json`.

    Args:
        out: a new or empty folder; one sub-folder per delivering system is made in it.
        customers: persons (≥ 50); they hold about 1.13 accounts each.
        months: calendar months, ending on 2025-12-31 whatever today is.
        seed: the same arguments give the same bytes.
        daily: one delivery per day and feed instead of one in bulk.
        faults: codes or catalogue numbers of the faults to put in.
        progress: called with (part, done, all).
        mistakes: probability of each kind of mistake (mistakes.KINDS, MISTYPED) in what is known of
            a person's second or third account; with any, there are more twins, too.
        sessions: usage as sessions that roll up to the daily rows, and not as these.
        credits: the telco credited customers after faults and left some alone: who stays is changed
            by it. `decided/credits.csv` says who, and truth.json what it did.
        journeys: plant journeys that hurt at one step, and a circle that a bet finds.
        influence: deliver who is related to whom, some of whom the others follow in what they buy.

    Returns:
        {files, rows: {source: delivered rows}, last_date, truth: path}.

    Raises:
        ConfigError: an argument is out of range, `out` is not empty, or a fault is unknown.
    """
    out, wanted = Path(out), find_faults(faults)
    _checked(customers, months, out)
    if not 0 <= mistakes <= 1:
        raise ConfigError(f"mistakes={mistakes}: a probability is between 0 and 1")
    if journeys and months < 6:
        raise ConfigError(f"months={months}: journeys and what comes of them take 6 at least")
    if influence and months < FEWEST_MONTHS:
        raise ConfigError(f"months={months}: whoever follows takes {FEWEST_MONTHS} at least")
    if sessions and wanted:
        raise ConfigError("faults are put into daily usage: leave out --sessions, or --fault")
    out.mkdir(parents=True, exist_ok=True)
    show = progress or (lambda *_: None)
    run = _Run(
        out, customers, months, seed, daily, show, mistakes, sessions, credits, journeys, influence
    )
    erased = choose_erased(run.people, run.identifiers, seed)
    life = live(
        run.people, run.window, seed, run.use_network, run.credits, run.plants, run.influence
    )
    run.deliver_monthly(life)
    run.deliver_once(life, erased)
    content = run.truth(life, erased)
    content |= deliver_again(run.delivery, seed)
    content["faults"] = inject_faults(out, [fault.code for fault in wanted], seed)
    if mistakes:
        content |= {"mistakes": run.mistaken, "twins": truth.twins(run.people)}
    if run.credits:
        write_file(run.credits.table(run.people), out / FOLDER / "credits.csv")
        content["planted"]["credits"] = run.credits.truth()
    if run.plants:
        content["actions"] = run.plants.truth()
    if run.influence:
        content["influence"] = run.influence.truth()
    content["persons_accounts"] = truth.persons(run.people)
    truth.write_truth(out / "truth.json", content)
    return {
        "files": sum(1 for path in out.rglob("*") if path.is_file()) - 1,
        "rows": dict(run.delivery.delivered),
        "last_date": content["last_date"],
        "truth": str(out / "truth.json"),
    }
