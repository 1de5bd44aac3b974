"""Contacts with customer care, the experiment's assignments, and requests to be forgotten."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from saydo.simulate.behaviour import Life
from saydo.simulate.clock import Window, office_hours
from saydo.simulate.columns import codes, iso, local, pick
from saydo.simulate.identifiers import Identifiers, write_number
from saydo.simulate.parameters import RATES, stream
from saydo.simulate.people import People
from saydo.simulate.plants import Plants

CHANNELS = ("CALL", "CHAT", "STORE", "APP")
REASONS = ("COMPLAINT", "QUESTION", "PURCHASE", "CANCEL")
TOPICS = ("NETWORK", "BILL", "DEVICE", "TARIFF")
EXPERIMENT = "proactive_outage_call"
VARIANTS = ("control", "treatment")


def make_contacts(
    life: Life,
    identifiers: Identifiers,
    window: Window,
    month: int,
    seed: int,
    first_number: int,
) -> tuple[pa.Table, np.ndarray]:
    """A month's contacts: the worse the service, the more, and the more of them complaints."""
    rng = stream(seed, f"contacts {month}")
    panel = life.panel
    bad = np.nan_to_num(panel.experience[month])
    first, last = panel.first_day[month], panel.last_day[month]
    rate = np.where(first < last, 0.12 + 0.10 * np.maximum(bad, 0), 0)
    person = np.repeat(np.arange(life.people.count), rng.poisson(rate))
    day = rng.integers(first[person], last[person] + 1)
    at = window.second(day, office_hours(rng, len(person)))
    order = np.argsort(at, kind="stable")
    person, day, at = person[order], day[order], at[order]
    count = len(person)
    complains = rng.random(count) < np.clip(0.25 + 0.12 * bad[person], 0.05, 0.9)
    reason = np.where(complains, 0, rng.integers(1, 3, count))
    leaving = (last[person] < window.month_starts[month + 1] - 1) & (rng.random(count) < 0.5)
    reason = np.where(leaving, 3, reason)
    network = complains & (rng.random(count) < np.clip(0.4 + 0.1 * bad[person], 0.1, 0.9))
    topic = np.where(network, 0, rng.integers(1, len(TOPICS), count))
    table = _table(identifiers, rng, first_number, person, day, at, reason, topic, 0.05)
    return table, day


def make_planted_contacts(
    plants: Plants, life: Life, identifiers: Identifiers, month: int, first_number: int
) -> tuple[pa.Table, np.ndarray]:
    """A month's contacts of planted journeys and of the planted circle."""
    rng = stream(plants.seed, f"planted contacts {month}")
    person, day, reason, topic = plants.contacts(life.panel, month, rng)
    at = plants.window.second(day, office_hours(rng, len(day)))
    order = np.argsort(at, kind="stable")
    person, day, at, reason, topic = (part[order] for part in (person, day, at, reason, topic))
    return _table(identifiers, rng, first_number, person, day, at, reason, topic, 0), day


def _table(
    identifiers: Identifiers,
    rng: np.random.Generator,
    first_number: int,
    person: np.ndarray,
    day: np.ndarray,
    at: np.ndarray,
    reason: np.ndarray,
    topic: np.ndarray,
    without_topic: float,
) -> pa.Table:
    """Contacts as care delivers them; of a share the topic was not written down."""
    count = len(person)
    return pa.table(
        {
            "case_no": codes("C", first_number + np.arange(count), 9),
            "caller": write_number(identifiers.number_at(person, day), rng),
            "opened": local(at),
            "channel": pick(CHANNELS, rng.choice(4, count, p=(0.5, 0.25, 0.1, 0.15))),
            "reason": pick(REASONS, reason),
            "topic": pick(TOPICS, topic, empty=rng.random(count) < without_topic),
            "solved": pick(("N", "Y"), (rng.random(count) < 0.8).astype(np.int64)),
        }
    )


def make_assignments(life: Life, window: Window) -> tuple[pa.Table, np.ndarray]:
    """The experiment, assigned on one morning to customers who are there."""
    panel = life.panel
    month = panel.experiment_month
    day = int(window.month_starts[month])
    person = np.flatnonzero((panel.treated >= 0) & (panel.last_day[month] > day))
    count = len(person)
    return (
        pa.table(
            {
                "test": pick((EXPERIMENT,), np.zeros(count, dtype=np.int64)),
                "account_no": life.people.account_codes.take(pa.array(person)),
                "arm": pick(VARIANTS, panel.treated[person]),
                "assigned": iso(np.full(count, window.second(day, 6 * 3600))),
            }
        ),
        np.full(count, day),
    )


def choose_erased(people: People, identifiers: Identifiers, seed: int) -> np.ndarray:
    """Persons who will ask: one account, no shared e-mail, no recycled number."""
    rng = stream(seed, "erasure")
    accounts = np.bincount(people.person, minlength=people.count)
    plain = (accounts == 1) & (people.household < 0) & (people.joined_day < -100)
    plain &= identifiers.recycled_from < 0
    plain[identifiers.recycled_from[identifiers.recycled_from >= 0]] = False
    some = np.flatnonzero(plain)
    count = min(max(2, round(RATES.erased * people.count)), len(some))
    return np.sort(rng.choice(some, count, replace=False))


def make_erasures(
    people: People, window: Window, erased: np.ndarray, seed: int
) -> tuple[pa.Table, np.ndarray]:
    """Their requests, by account, in the last quarter of the window."""
    rng = stream(seed, "erasure requests")
    day = np.sort(rng.integers(window.days * 3 // 4, window.days, len(erased)))
    at = window.second(day, office_hours(rng, len(erased)))
    return (
        pa.table(
            {
                "request": codes("E", np.arange(len(erased)) + 1, 5),
                "account_no": people.account_codes.take(pa.array(erased)),
                "received": iso(at),
            }
        ),
        day,
    )
