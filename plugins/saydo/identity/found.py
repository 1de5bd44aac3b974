"""What an explanation consists of. Keys are shortened: enough to tell them apart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

_SHOWN = 10


def shortened(key: str) -> str:
    """The first characters of a key."""
    return key if len(key) <= _SHOWN else key[:_SHOWN] + "…"


@dataclass(frozen=True)
class Account:
    """One account of the customer, numbered from 1 by its first event."""

    number: int
    key: str
    opened_at: datetime | None
    closed_at: datetime | None
    first_event_at: datetime | None
    known: tuple[str, ...]  # attributes of its holder that are known


@dataclass(frozen=True)
class Link:
    """Why an account is the person of another: the identifier both held at one time, or likeness.

    Of likeness, id_type is `probabilistic` or `reviewed` (a person decided) and the key is empty.
    """

    number: int
    with_number: int
    id_type: str
    key: str
    from_at: datetime | None  # None: since ever
    needs_corroboration: bool
    agreeing: tuple[str, ...]
    differing: tuple[str, ...]
    match_probability: float | None = None  # None: an identifier links them
    alike: tuple[str, ...] = ()  # neither the same nor another's, by linkage


@dataclass(frozen=True)
class Holding:
    """A span in which the customer holds an identifier, and what it is worth then."""

    id_type: str
    key: str
    from_at: datetime | None
    to_at: datetime | None
    note: str


@dataclass(frozen=True)
class Unlinked:
    """What speaks for another customer's accounts being this one's, and why it linked nobody.

    An identifier held at one time, or likeness, as in Link.
    """

    numbers: tuple[int, ...]  # this customer's accounts
    other_keys: tuple[str, ...]  # the other's
    other_customer_id: str
    id_type: str
    key: str
    verdict: str
    agreeing: tuple[str, ...]
    differing: tuple[str, ...]
    match_probability: float | None = None  # of likeness
    alike: tuple[str, ...] = ()


@dataclass(frozen=True)
class Change:
    """One line of the history of ids."""

    changed_at: datetime  # end of the as-of day of the release
    change_type: str
    from_customer_id: str | None
    to_customer_id: str
    reason: str  # codes; in_words says them
    release_id: str | None  # None: not published yet


@dataclass(frozen=True)
class Ownership:
    """Who holds the identifier that was asked for, and when."""

    customer_id: str
    from_at: datetime | None
    to_at: datetime | None
    note: str


@dataclass(frozen=True)
class Explanation:
    """Why these accounts are one person."""

    customer_id: str
    followed: tuple[str, ...]  # ids that led here, each merged into the next
    identifier_count: int
    is_disputed: bool
    is_merge_refused: bool
    linked_account_count: int
    accounts: tuple[Account, ...]
    links: tuple[Link, ...]  # a tree: each account but the first, with one before it
    more_link_count: int
    holdings: tuple[Holding, ...]
    unlinked: tuple[Unlinked, ...]
    changes: tuple[Change, ...]
