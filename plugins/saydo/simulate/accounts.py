"""The account rows of the customer system: one per account and change."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from saydo.simulate.clock import DAY, NEVER, Window
from saydo.simulate.columns import codes, dates, join, local, pick
from saydo.simulate.network import Lines
from saydo.simulate.parameters import RATES, REGIONS, stream
from saydo.simulate.people import CITIES, FAMILY_NAMES, GIVEN_NAMES, STREETS, People
from saydo.simulate.sites import Sites

_CONSENT_CHANGES = 0.05
_MADE_AT = 300  # seconds after opening: when the row was first written


def _needs_every_attribute(people: People) -> np.ndarray:
    """Members of a household that only one attribute tells apart: theirs are never missing."""
    lead = people.address
    other = (lead != np.arange(people.count)) & (people.household >= 0)
    alike = (people.given == people.given[lead]) | (people.birth_day == people.birth_day[lead])
    needed = other & alike
    needed[lead[needed]] = True
    return needed


def make_accounts(
    people: People, lines: Lines, sites: Sites, window: Window, seed: int
) -> tuple[pa.Table, np.ndarray]:
    """All versions of all accounts in order of time, and the day each was written."""
    rng = stream(seed, "accounts")
    accounts = np.arange(people.account_count)
    person = people.person
    end = window.second(window.days)
    opened, closed = people.opened_at, people.closed_at
    moved = np.where(
        lines.moved_day[person] < window.days,
        window.second(lines.moved_day[person], 12 * 3600),
        NEVER,
    )
    consent_at = np.where(
        rng.random(len(accounts)) < _CONSENT_CHANGES,
        window.second(rng.integers(0, window.days, len(accounts)), 13 * 3600),
        NEVER,
    )
    versions = [(accounts, opened + _MADE_AT)]
    for at in (moved, consent_at, closed):
        happens = (at != NEVER) & (at > opened + DAY) & (at < end)
        happens &= (closed == NEVER) | (at <= closed)
        versions.append((accounts[happens], at[happens]))
    account = np.concatenate([rows for rows, _ in versions])
    at = np.concatenate([when for _, when in versions])
    order = np.lexsort((account, at))
    account, at = account[order], at[order]
    owner = person[account]

    has_moved = (moved[account] != NEVER) & (at >= moved[account])
    has_changed = (consent_at[account] != NEVER) & (at >= consent_at[account])
    is_closed = (closed[account] != NEVER) & (at >= closed[account])
    marketing = (rng.random(len(accounts)) < 0.6)[account] ^ has_changed
    analytics = (rng.random(len(accounts)) < 0.9)[account]
    needed = _needs_every_attribute(people)[person]
    no_name = ((rng.random(len(accounts)) > RATES.attribute_filled) & ~needed)[account]
    no_birth = ((rng.random(len(accounts)) > RATES.attribute_filled) & ~needed)[account]
    region = np.where(has_moved, sites.region[lines.moved_to[owner]], people.region[owner])
    birth = people.birth_day[owner]
    birth_year = birth.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    house = people.address[owner] + np.where(has_moved, people.count, 0)
    segment = np.digitize(lines.sessions[owner], (7.5, 12.0))
    written = window.day_of(at)
    yes_no = ("N", "Y")
    table = pa.table(
        {
            "account_no": people.account_codes.take(pa.array(account)),
            "opened": local(opened[account]),
            "closed": local(np.where(is_closed, closed[account], NEVER)),
            "kind": pick(("P", "B"), people.is_business[owner].astype(np.int64)),
            "first_name": pick(GIVEN_NAMES, people.given[owner], empty=no_name),
            "last_name": pick(FAMILY_NAMES, people.family[owner]),
            "date_of_birth": dates(np.where(no_birth, NEVER, birth)),
            "year_of_birth": pa.array(birth_year, mask=no_birth),
            "address_line": join(
                codes("", house % 180 + 1, 1), " ", pick(STREETS, house // 180 % len(STREETS))
            ),
            "post_code": join("ZZ", codes("", house % 99 + 1, 1), " ", codes("", house, 6)),
            "town": pick(CITIES, region),
            "sales_region": pick(REGIONS, region),
            "value_segment": pick(("VALUE", "CORE", "PREMIUM"), segment),
            "consent_analytics": pick(yes_no, analytics.astype(np.int64)),
            "consent_marketing": pick(yes_no, marketing.astype(np.int64)),
            "changed": local(at),
        }
    )
    return table, np.maximum(written, 0)


def draw_moves(people: People, window: Window, seed: int) -> np.ndarray:
    """The day each person moves house; past the window for those who stay."""
    rng = stream(seed, "moves")
    day = rng.integers(1, max(window.days, 2), people.count)
    return np.where(
        (rng.random(people.count) < RATES.moves) & (people.joined_day < 0), day, window.days + 1
    )
