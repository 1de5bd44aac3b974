"""What was planted, for tests and people to compare with: truth.json."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np

from saydo.simulate.behaviour import Life
from saydo.simulate.clock import DAY, NEVER, Window
from saydo.simulate.columns import codes
from saydo.simulate.identifiers import Identifiers
from saydo.simulate.parameters import EFFECTS, RATES
from saydo.simulate.people import LINKS, People


def _texts(instants: np.ndarray) -> list[str | None]:
    known = instants != NEVER
    texts = np.datetime_as_string(np.where(known, instants, 0).astype("datetime64[s]"))
    return [
        str(text) + "Z" if is_known else None for text, is_known in zip(texts, known, strict=True)
    ]


def persons(people: People) -> dict[str, list[str]]:
    """Account ids of each person."""
    names = codes("P", np.arange(people.count), 7).to_pylist()
    order = np.argsort(people.person, kind="stable")
    accounts = np.array(people.account_codes.to_pylist())[order]
    cuts = np.searchsorted(people.person[order], np.arange(1, people.count))
    return {name: part.tolist() for name, part in zip(names, np.split(accounts, cuts), strict=True)}


def twins(people: People) -> list[list[str]]:
    """Pairs of persons of one household and birth date."""
    lead = people.address
    second = np.flatnonzero(
        (lead != np.arange(people.count)) & (people.birth_day == people.birth_day[lead])
    )
    return [[f"P{lead[person]:07d}", f"P{person:07d}"] for person in second.tolist()]


def unlinkable(people: People) -> list[str]:
    """Accounts that share nothing with another of their holder, or not at the same time."""
    extra = np.arange(people.count, people.account_count)
    owner = people.person[extra]
    closed = people.closed_at[owner]
    apart = (closed != NEVER) & (people.opened_at[extra] >= closed)
    lonely = extra[(people.link[extra] == LINKS.index("none")) | apart]
    return people.account_codes.take(lonely).to_pylist()


def recycled_numbers(
    people: People, identifiers: Identifiers, window: Window
) -> list[dict[str, Any]]:
    """Each number that went to another person: who had it when."""
    taker = np.flatnonzero(identifiers.recycled_from >= 0)
    start = window.midnight(identifiers.number_day[taker])
    closed = people.closed_at[taker]
    happened = (closed == NEVER) | (closed > start)
    taker, start, closed = taker[happened], start[happened], closed[happened]
    donor = identifiers.recycled_from[taker]
    given_up = window.midnight(identifiers.number_day[donor])
    donor_closed = people.closed_at[donor]
    given_up = np.where(donor_closed == NEVER, given_up, np.minimum(given_up, donor_closed))
    account_ids = people.account_codes
    columns = zip(
        identifiers.number[donor].tolist(),
        account_ids.take(donor).to_pylist(),
        donor.tolist(),
        _texts(window.midnight(window.day_of(people.opened_at[donor]))),
        _texts(given_up),
        account_ids.take(taker).to_pylist(),
        taker.tolist(),
        _texts(start),
        _texts(closed),
        ((start - given_up) // DAY).tolist(),
        strict=True,
    )

    def span(account: str, person: int, begin: str | None, end: str | None) -> dict[str, Any]:
        return {
            "account_id": account,
            "person": f"P{person:07d}",
            "valid_from_at": begin,
            "valid_to_at": end,
        }

    return [
        {
            "value": f"+44{number}",
            "gap_days": gap,
            "spans": [span(*before), span(*after)],
        }
        for number, *before_and_after, gap in columns
        for before, after in [(before_and_after[:4], before_and_after[4:])]
    ]


def household_emails(people: People, identifiers: Identifiers) -> list[dict[str, Any]]:
    """Each e-mail that different persons share."""
    member = np.flatnonzero(people.household >= 0)
    cuts = np.flatnonzero(np.diff(people.household[member])) + 1
    groups = np.split(member, cuts) if len(member) else []
    emails = identifiers.email.take(np.array([group[0] for group in groups], dtype=np.int64))
    return [
        {"value": email, "persons": [f"P{person:07d}" for person in group.tolist()]}
        for email, group in zip(emails.to_pylist(), groups, strict=True)
    ]


def planted(life: Life) -> dict[str, Any]:
    """The effects and the rates, and how the experiment was set."""
    panel = life.panel
    return {
        "effects": dataclasses.asdict(EFFECTS),
        "rates": dataclasses.asdict(RATES),
        "experiment": {
            "months": [panel.experiment_month, panel.experiment_month + EFFECTS.experiment_months],
            "treated_count": int((panel.treated == 1).sum()),
            "control_count": int((panel.treated == 0).sum()),
        },
    }


def write_truth(path: Path, content: dict[str, Any]) -> None:
    """One JSON file, keys in the order given."""
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
