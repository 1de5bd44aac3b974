"""Persons, the households they live in, and the accounts they hold."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from saydo.simulate.clock import NEVER, Window, office_hours
from saydo.simulate.columns import codes, unique_numbers
from saydo.simulate.parameters import EFFECTS, RATES, REGION_SHARES, TWINS, stream

_GIVEN_NAMES = (
    "Olivia Amelia Isla Ava Ivy Freya Lily Florence Mia Willow Rosie Sophia Grace Ella Evie Emily "
    "Aria Evelyn Phoebe Daisy Sienna Harper Charlotte Poppy Elsie Alice Millie Maya Emilia Ruby "
    "Noah George Oliver Arthur Muhammad Leo Harry Oscar Henry Archie Jack Theo Freddie Charlie "
    "Alfie Jacob Thomas Luca Finley Joshua William Edward Albert Isaac Max Adam Daniel Samuel "
    "Hugo Priya Aisha Wei Siobhan Niamh Rhys Gareth Angus Zoë Callum Zofia Piotr Ngozi Kwame "
    "Yusuf Jean-Luc Fiona"
)
_FAMILY_NAMES = (
    "Smith Jones Taylor Brown Williams Wilson Johnson Davies Patel Robinson Wright Thompson Evans "
    "Walker White Roberts Green Hall Thomas Clarke Jackson Wood Harris Edwards Turner Martin "
    "Cooper Hill Ward Hughes Moore Clark King Harrison Lewis Baker Lee Allen Morris Khan Scott "
    "Watson Davis Parker Bennett Young Phillips Richardson Cox Campbell MacDonald Murphy O'Neill"
)
GIVEN_NAMES = tuple(_GIVEN_NAMES.split())
FAMILY_NAMES = tuple(_FAMILY_NAMES.split())
STREETS = ("High Street", "Station Road", "Church Lane", "Mill Road", "Park Avenue", "The Green")
CITIES = (
    "London",
    "Brighton",
    "Manchester",
    "Birmingham",
    "Glasgow",
    "Leeds",
    "Cardiff",
    "Belfast",
)
LINKS = ("email", "msisdn", "device_id", "none")


@dataclass
class People:
    """Persons (arrays of one length) and accounts (arrays of another; the first are primary).

    Days count from the window's start and may be negative; instants are seconds.
    """

    count: int
    trait: np.ndarray  # the stable trait: points of satisfaction
    region: np.ndarray
    given: np.ndarray
    family: np.ndarray
    birth_day: np.ndarray  # days since 1970
    household: np.ndarray  # number of the household that shares an e-mail, −1 for none
    address: np.ndarray
    is_business: np.ndarray
    joined_day: np.ndarray
    person: np.ndarray  # of each account
    opened_at: np.ndarray  # of each account
    link: np.ndarray  # index into LINKS: what an account shares with its holder's first
    account_codes: pa.Array
    closed_at: np.ndarray = field(default_factory=lambda: np.array([], dtype=np.int64))

    @property
    def account_count(self) -> int:
        """Accounts of all persons."""
        return len(self.person)


def _households(rng: np.random.Generator, count: int) -> np.ndarray:
    """Neighbouring persons in households of 2–4 that share an e-mail; −1 for the others."""
    household = np.full(count, -1)
    sizes = rng.choice((2, 3, 4), size=count // 8 + 1, p=(0.6, 0.25, 0.15))
    sizes = sizes[np.cumsum(sizes) <= int(count * RATES.household_persons)]
    household[: sizes.sum()] = np.repeat(np.arange(len(sizes)), sizes)
    return household


def make_people(customers: int, window: Window, seed: int, twins: float = TWINS) -> People:
    """Draw persons and accounts. Members of a household differ in given name and birth date.

    A few are told apart by one of the two only: a parent and child of one name, or twins, who are
    so many of the second members.
    """
    rng = stream(seed, "people")
    household = _households(rng, customers)
    in_household = household >= 0
    position = np.zeros(customers, dtype=np.int64)  # within the household
    same = (household[1:] == household[:-1]) & in_household[1:]
    for _ in range(3):
        position[1:] = np.where(same, position[:-1] + 1, 0)
    lead = np.arange(customers) - position

    weights = 1 / (np.arange(len(GIVEN_NAMES)) + 15)
    given = rng.choice(len(GIVEN_NAMES), customers, p=weights / weights.sum())
    given = np.where(in_household, (given[lead] + 7 * position) % len(GIVEN_NAMES), given)
    family = rng.integers(0, len(FAMILY_NAMES), customers)[lead]
    birth = rng.integers(-10_957, 12_800, customers)  # 1940 to early 2005
    birth = np.where(in_household, birth[lead] + 431 * position, birth)
    kind = rng.random(customers)[lead]
    second = position == 1
    given = np.where(second & (kind < 0.02), given[lead], given)  # named after the parent
    birth = np.where(second & (kind > 1 - twins), birth[lead], birth)

    in_window = rng.random(customers) < RATES.joins_in_window
    latest = max(window.days - 20, 1)
    joined = np.where(
        in_window, rng.integers(0, latest, customers), -rng.integers(1, 1800, customers)
    )
    second_of = np.flatnonzero((rng.random(customers) < RATES.second_account) & (joined < -30))
    third_of = second_of[rng.random(len(second_of)) < RATES.third_account]
    extra = np.concatenate([second_of, third_of])
    before = rng.random(len(extra)) < 0.75
    extra_day = np.where(
        before,
        np.minimum(joined[extra] + rng.integers(20, 900, len(extra)), -1),
        rng.integers(0, latest, len(extra)),
    )
    person = np.concatenate([np.arange(customers), extra])
    opened_day = np.concatenate([joined, extra_day])
    link = np.concatenate(
        [
            np.full(customers, LINKS.index("none")),
            rng.choice(len(LINKS), len(extra), p=(0.51, 0.31, 0.15, RATES.shares_nothing)),
        ]
    )
    return People(
        count=customers,
        trait=rng.normal(0, EFFECTS.trait_sd, customers),
        region=rng.choice(len(REGION_SHARES), customers, p=REGION_SHARES)[lead],
        given=given,
        family=family,
        birth_day=birth,
        household=household,
        address=lead,
        is_business=rng.random(customers) < RATES.business,
        joined_day=joined,
        person=person,
        opened_at=window.second(opened_day, office_hours(rng, len(person))),
        link=link,
        account_codes=codes("AC", unique_numbers("account", len(person), 10**8, seed), 8),
        closed_at=np.full(len(person), NEVER),
    )
