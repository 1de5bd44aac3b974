"""Who could be reached or recognised by what, and when: e-mails, numbers, SIM cards, devices.

Recycled numbers, SIM swaps, shared household e-mails and format variants are planted here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from saydo.simulate.clock import NEVER, Window
from saydo.simulate.columns import choose, codes, join, local, pick, unique_numbers
from saydo.simulate.parameters import RATES, stream
from saydo.simulate.people import FAMILY_NAMES, GIVEN_NAMES, LINKS, People

DOMAINS = ("mail.example", "post.example", "inbox.example")


@dataclass
class Identifiers:
    """What each person holds. `*_2` holds from `*_day` on; a day past the window means never.

    `numbers` are national numbers of ten digits; `sims` and `devices` indexes into their pools.
    """

    email: pa.Array  # of each person, as first written
    number: np.ndarray
    number_2: np.ndarray
    number_day: np.ndarray
    sim_day: np.ndarray
    sim_codes: pa.Array  # person p: p before the swap, p + count after it
    device_codes: pa.Array
    recycled_from: np.ndarray  # person whose old number this person got, −1 for none

    def number_at(self, person: np.ndarray, day: np.ndarray) -> np.ndarray:
        """National number of a person on a day."""
        return np.where(day >= self.number_day[person], self.number_2[person], self.number[person])


def make_identifiers(people: People, window: Window, seed: int) -> Identifiers:
    """Draw the identifiers of every person and the days on which they change."""
    rng = stream(seed, "identifiers")
    count, never = people.count, window.days + 1
    number = 7_000_000_000 + unique_numbers("number", count, 10**9, seed)
    fresh = 7_000_000_000 + unique_numbers("number", count, 10**9, seed, start=count)
    shares_number = np.zeros(count, dtype=bool)
    shares_number[people.person[people.link == LINKS.index("msisdn")]] = True
    settled = (people.joined_day < -60) & ~shares_number
    changes = np.flatnonzero(settled & (rng.random(count) < RATES.number_changes))
    number_day = np.full(count, never)
    number_day[changes] = rng.integers(3, max(window.days - 3, 4), len(changes))
    number_2 = fresh.copy()

    donors = changes[rng.random(len(changes)) < RATES.recycled]
    others = np.flatnonzero(settled & (number_day == never))
    takers = rng.permutation(others)[: len(donors)]
    donors = donors[: len(takers)]
    early = rng.random(len(donors)) < RATES.recycled_early
    gap = np.where(early, rng.integers(2, 30, len(donors)), rng.integers(35, 120, len(donors)))
    taken = number_day[donors] + gap
    kept = taken < window.days - 2
    donors, takers, taken = donors[kept], takers[kept], taken[kept]
    kept = people.household[donors] != people.household[takers]
    kept |= people.household[donors] < 0
    donors, takers, taken = donors[kept], takers[kept], taken[kept]
    number_day[takers] = taken
    number_2[takers] = number[donors]
    recycled_from = np.full(count, -1)
    recycled_from[takers] = donors

    sim_day = np.where(
        (people.joined_day < 0) & (rng.random(count) < RATES.sim_swaps),
        rng.integers(1, max(window.days, 2), count),
        never,
    )
    lead = people.address  # a household writes its first member's e-mail
    name = join(pick(GIVEN_NAMES, people.given), ".", pick(FAMILY_NAMES, people.family))
    plain = pc.utf8_lower(pc.replace_substring_regex(name, "[^A-Za-z.]", ""))
    digits = pc.cast(pa.array(np.arange(count) + 10), pa.string())
    domain = pick(DOMAINS, rng.integers(0, len(DOMAINS), count))
    return Identifiers(
        email=join(plain, digits, "@", domain).take(pa.array(lead)),
        number=number,
        number_2=number_2,
        number_day=number_day,
        sim_day=sim_day,
        sim_codes=codes("23415", unique_numbers("sim", 2 * count, 10**10, seed), 10),
        device_codes=codes("35", unique_numbers("device", people.account_count, 10**12, seed), 13),
        recycled_from=recycled_from,
    )


def write_number(national: np.ndarray, rng: np.random.Generator) -> pa.Array:
    """Numbers as people write them: +44…, 0…, 0044…, with and without spaces."""
    digits = pc.cast(pa.array(national), pa.string())
    head, tail = pc.utf8_slice_codeunits(digits, 0, 4), pc.utf8_slice_codeunits(digits, 4, 10)
    style = rng.random(len(national)) / RATES.variant
    return choose(
        [
            (style < 0.4, join("0", head, " ", tail)),
            (style < 0.7, join("0044", digits)),
            (style < 1.0, join("+44 ", head, " ", tail)),
        ],
        join("+44", digits),
    )


def write_email(emails: pa.Array, rng: np.random.Generator) -> pa.Array:
    """E-mails as people write them: in capitals, or with a space behind."""
    style = rng.random(len(emails)) / RATES.variant
    return choose([(style < 0.5, pc.utf8_upper(emails)), (style < 1.0, join(emails, " "))], emails)


@dataclass
class Spans:
    """One row per account, identifier and span of holding it. `valid_to` NEVER = still held."""

    account: np.ndarray
    kind: np.ndarray  # index into KINDS
    value: pa.Array
    valid_from: np.ndarray
    valid_to: np.ndarray


KINDS = ("email", "msisdn", "imsi", "device_id")
_KIND_CODES = ("EML", "TEL", "SIM", "DEV")


def contact_points(
    spans: Spans, people: People, rows: np.ndarray, is_closed: np.ndarray
) -> pa.Table:
    """The spans as the customer system writes them; not `is_closed`: the end not known yet."""
    return pa.table(
        {
            "account_no": people.account_codes.take(pa.array(spans.account[rows])),
            "point_type": pick(_KIND_CODES, spans.kind[rows]),
            "point_value": spans.value.take(pa.array(rows)),
            "from_ts": local(spans.valid_from[rows]),
            "to_ts": local(np.where(is_closed, spans.valid_to[rows], NEVER)),
        }
    )


def make_spans(people: People, identifiers: Identifiers, window: Window, seed: int) -> Spans:
    """All spans, cut where the account was closed. Call it when closures are known."""
    rng = stream(seed, "spans")
    count = people.count
    accounts = np.arange(people.account_count)
    first = people.person
    is_extra = accounts >= count
    shared = np.array(LINKS)[people.link]
    opened = window.midnight(window.day_of(people.opened_at))
    held = np.full(len(accounts), NEVER)

    own_email = join(codes("line", accounts, 7), "@mail.example")
    email = choose(
        [(is_extra & (shared != "email"), own_email)], identifiers.email.take(pa.array(first))
    )
    parts = [(accounts, 0, write_email(email, rng), opened, held)]

    for later in (False, True):
        holds = ~is_extra | (shared == "msisdn")
        chosen = accounts[holds]
        day = identifiers.number_day[first[chosen]]
        changed = day <= window.days
        values = (identifiers.number_2 if later else identifiers.number)[first[chosen]]
        start = window.midnight(day) if later else opened[chosen]
        # A number that goes to somebody else is free of its holder from that day on.
        end = held[chosen] if later else np.where(changed, window.midnight(day), NEVER)
        rows = changed if later else np.ones(len(chosen), dtype=bool)
        parts.append((chosen[rows], 1, write_number(values[rows], rng), start[rows], end[rows]))
        primary = accounts[:count]
        swapped = identifiers.sim_day <= window.days
        rows = swapped if later else np.ones(count, dtype=bool)
        moment = window.midnight(identifiers.sim_day)
        parts.append(
            (
                primary[rows],
                2,
                identifiers.sim_codes.take(pa.array(primary[rows] + (count if later else 0))),
                (moment if later else opened[:count])[rows],
                np.where(swapped & (not later), moment, NEVER)[rows],
            )
        )
    device = np.where(is_extra & (shared == "device_id"), first, accounts)
    has_device = ~is_extra | (shared == "device_id")
    parts.append(
        (
            accounts[has_device],
            3,
            identifiers.device_codes.take(pa.array(device[has_device])),
            opened[has_device],
            held[has_device],
        )
    )
    account = np.concatenate([part[0] for part in parts])
    start = np.concatenate([part[3] for part in parts])
    end = np.concatenate([part[4] for part in parts])
    closed = people.closed_at[account]
    cut = (closed != NEVER) & ((end == NEVER) | (end > closed))
    end = np.where(cut, closed, end)
    alive = (end == NEVER) | (end > start)
    return Spans(
        account=account[alive],
        kind=np.concatenate([np.full(len(part[0]), part[1]) for part in parts])[alive],
        value=pa.concat_arrays([part[2] for part in parts]).filter(pa.array(alive)),
        valid_from=start[alive],
        valid_to=end[alive],
    )
