"""Random histories of a few accounts and identifiers each, over releases; seeded."""

from __future__ import annotations

import copy
import random
from datetime import date, timedelta
from typing import Any

from world import World

HISTORIES = 240
# Persons whose accounts hold one e-mail over one span.
EQUALS = 40
RELEASES = 3
_KINDS = ("email", "msisdn", "imsi", "loyalty_id", "device_id", "order_id", "account_id")


def worlds() -> list[World]:
    """One world per release; each holds every history as it is known then."""
    releases = [World() for _ in range(RELEASES)]
    for number in range(HISTORIES):
        rng = random.Random(number)
        accounts, spans = _begin(rng, f"h{number:03}")
        for world in releases:
            world.accounts += copy.deepcopy(list(accounts.values()))
            world.identifiers += copy.deepcopy(list(spans.values()))
            _go_on(rng, accounts, spans)
    for world in releases:
        for number in range(EQUALS):
            _hold_equally(world, f"e{number:03}", 2 + (number % 7 == 0))
    return releases


def _hold_equally(world: World, name: str, size: int) -> None:
    for account in "abc"[:size]:
        world.account(name, account, birth_year=1980)
        world.holds(name, account, "email", "post", **{"from": "2024-01-01"})


def _begin(rng: random.Random, name: str) -> tuple[dict, dict]:
    # Some have a crowd, so that limits and placeholders are met.
    size = rng.choice((2, 3, 4, 5, 6, 7, 8)) if rng.random() < 0.96 else rng.choice((40, 120))
    accounts = {
        key: {"account_key": key, "opened_at": _day(rng)} | _holder(rng, size)
        for key in (f"{name}/a{number:02}" for number in range(size))
    }
    spans: dict[tuple, dict[str, Any]] = {}
    values = [(rng.choice(_KINDS[:-1]), f"{name}/v{n}") for n in range(rng.randint(1, 5))]
    if rng.random() < 0.2:
        values.append(("account_id", rng.choice(list(accounts))))
    for account in accounts:
        for kind, value in rng.sample(values, rng.randint(0, min(3, len(values)))):
            _hold(rng, spans, account, kind, value)
    return accounts, spans


def _holder(rng: random.Random, size: int) -> dict[str, Any]:
    if rng.random() < 0.15:
        return {}
    born = rng.randint(1, size)
    holder = {"given_name_key": f"n{born % 3}" if size < 9 else f"n{born}",
              "birth_date_key": f"d{born}", "birth_year": 1950 + born}  # fmt: skip
    return {name: value for name, value in holder.items() if rng.random() < 0.8}


def _hold(rng: random.Random, spans: dict, account: str, kind: str, value: str) -> None:
    begin = _day(rng) if rng.random() < 0.8 else None
    end = _day(rng) if rng.random() < 0.45 else None
    key = (account, kind, value, begin)
    spans[key] = {
        "account_key": account, "id_type": kind, "id_key": value,
        "valid_from_at": begin, "valid_to_at": end,
    }  # fmt: skip


def _day(rng: random.Random) -> str:
    """A day of 2024, few enough that many coincide; some lie after the as-of day."""
    return (date(2024, 1, 1) + timedelta(days=10 * rng.randint(0, 38))).isoformat()


def _go_on(rng: random.Random, accounts: dict, spans: dict) -> None:
    """What the next release knows otherwise: spans come, go and end, holders are corrected."""
    for key in rng.sample(list(spans), min(len(spans), rng.randint(0, 4))):
        if rng.random() < 0.5:
            del spans[key]
        else:
            spans[key] = spans[key] | {"valid_to_at": _day(rng)}
    values = sorted({key[1:3] for key in spans})
    for account in rng.sample(list(accounts), min(len(accounts), rng.randint(0, 4))):
        if values:
            _hold(rng, spans, account, *rng.choice(values))
    if rng.random() < 0.3:
        key = rng.choice(list(accounts))
        kept = {name: accounts[key][name] for name in ("account_key", "opened_at")}
        accounts[key] = kept | _holder(rng, len(accounts))
    if len(accounts) > 2 and rng.random() < 0.15:
        gone = rng.choice(list(accounts))
        del accounts[gone]
        for key in [key for key in spans if key[0] == gone]:
            del spans[key]
