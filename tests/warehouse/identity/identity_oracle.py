"""Who is who by the rules, once more: plain Python and networkx, written apart from the SQL."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import combinations
from typing import Any

import networkx as nx
from small_home import FEEDS

from saydo.config import IdentifierType, Policy

EVER, NEVER = datetime(1, 1, 1), datetime(9999, 12, 31)
AS_OF_END = datetime(2025, 1, 1)
ATTRIBUTES = ("given_name_key", "birth_date_key", "birth_year")
TYPES = FEEDS.all_identifier_types | {
    "order_id": IdentifierType(is_personal=False, max_customers=1)
}
POLICY = Policy().identity
Span = tuple[datetime, datetime]
Identifier = tuple[str, str]


def instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


class Known:
    """What a world says: accounts, first events, and spans by identifier and account."""

    def __init__(self, accounts: list[dict[str, Any]], identifiers: list[dict[str, Any]]) -> None:
        # Who opens after the as-of day is not known yet.
        accounts = [row for row in accounts if instant(row["opened_at"]) < AS_OF_END]
        opened = {row["account_key"]: instant(row["opened_at"]) for row in accounts}
        held = [
            row
            for row in identifiers
            if row.get("valid_from_at") is None or instant(row["valid_from_at"]) < AS_OF_END
        ]
        self.holder = {row["account_key"]: row for row in accounts}
        self.accounts = sorted({*opened, *(row["account_key"] for row in held)})
        begins: dict[str, list[datetime]] = defaultdict(list)
        spans: dict[Identifier, dict[str, list[Span]]] = defaultdict(lambda: defaultdict(list))
        self.undated: dict[Identifier, dict[str, list[Span]]] = defaultdict(
            lambda: defaultdict(list)
        )
        for row in held:
            account, begin = row["account_key"], instant(row.get("valid_from_at"))
            identifier, end = (row["id_type"], row["id_key"]), instant(row.get("valid_to_at"))
            begins[account] += [begin] if begin else []
            span = (begin or opened.get(account) or EVER, end or NEVER)
            if begin is None and not TYPES[row["id_type"]].quarantine_days:
                span = span if span[0] < span[1] else (EVER, span[1])
                self.undated[identifier][account].append(span)
            spans[identifier][account].append(span)
        for account in self.accounts:
            spans["account_id", account][account].append((EVER, NEVER))
        self.spans = {
            identifier: {a: whole for a, parts in holders.items() if (whole := united(parts))}
            for identifier, holders in spans.items()
        }
        self.usual = usual_holders(self)
        self.first_event = {
            a: opened.get(a) or min(begins[a], default=NEVER) for a in self.accounts
        }

    def holders(self, identifier: Identifier, at: datetime) -> set[str]:
        """Whose it is at a moment; what nobody has is theirs who have it next, if undated."""
        spans = [(b, e, a) for a, parts in self.spans[identifier].items() for b, e in parts]
        now = {account for begin, end, account in spans if begin <= at < end}
        following = min((begin for begin, *_ in spans if begin > at), default=None)
        return now or {
            account
            for begin, end, account in spans
            if begin == following
            and any(begin <= first < end for first, _ in self.undated[identifier][account])
        }

    def attribute(self, account: str, name: str) -> Any:
        return self.holder.get(account, {}).get(name)


def united(spans: list[Span]) -> list[Span]:
    """Spans that touch or overlap as one, empty ones left out."""
    whole: list[Span] = []
    for begin, end in sorted(span for span in spans if span[0] < span[1]):
        if whole and begin <= whole[-1][1]:
            whole[-1] = (whole[-1][0], max(end, whole[-1][1]))
        else:
            whole.append((begin, end))
    return whole


def most_at_once(groups: list[list[Span]]) -> int:
    """How many of the groups hold at one time, at most."""
    begins = {begin for spans in groups for begin, _ in spans}
    return max(
        (sum(any(b <= at < e for b, e in spans) for spans in groups) for at in begins), default=0
    )


def links(known: Known) -> Iterator[tuple[str, str]]:
    """Pairs of accounts that are one person."""
    for (kind, _), holders in known.spans.items():
        if len(holders) < 2 or identifies_nobody(known, kind, holders, known.usual[kind]):
            continue
        for left, right in combinations(sorted(holders), 2):
            linkable = any(
                max(
                    linking_from(kind, holders, left, mine),
                    linking_from(kind, holders, right, yours),
                )
                < min(mine[1], yours[1], AS_OF_END)
                for mine in holders[left]
                for yours in holders[right]
            )
            if linkable and are_one(known, kind, left, right):
                yield left, right


def usual_holders(known: Known) -> dict[str, int]:
    counts: dict[str, list[int]] = defaultdict(list)
    for (kind, _), holders in known.spans.items():
        counts[kind] += [len(holders)] if holders else []
    return defaultdict(lambda: 1, {k: sorted(v)[(len(v) - 1) // 2] for k, v in counts.items() if v})


def identifies_nobody(known: Known, kind: str, holders: dict[str, list[Span]], usual: int) -> bool:
    policy = TYPES[kind]
    different = max(
        len({known.attribute(a, name) for a in holders} - {None}) for name in ATTRIBUTES
    )
    if different >= max(POLICY.placeholder_persons, POLICY.placeholder_multiple * usual):
        return True
    if len(holders) <= policy.max_customers:
        return False
    persons: dict[Any, list[Span]] = defaultdict(list)
    for account, spans in holders.items():
        told = tuple(known.attribute(account, name) for name in ATTRIBUTES)
        persons[told if any(told) else account] += spans
    crowd = most_at_once([united(spans) for spans in persons.values()])
    may_share = policy.is_shareable or policy.max_customers > 1
    return (may_share and crowd > policy.max_customers) or (
        most_at_once(list(holders.values())) > POLICY.max_component_accounts
    )


def linking_from(kind: str, holders: dict[str, list[Span]], account: str, span: Span) -> datetime:
    """When a span begins to link: after the quarantine, if it was another's before."""
    was_anothers = any(
        end <= span[0] for other, spans in holders.items() if other != account for _, end in spans
    )
    return span[0] + timedelta(days=TYPES[kind].quarantine_days * was_anothers)


def are_one(known: Known, kind: str, left: str, right: str) -> bool:
    pairs = [(known.attribute(left, name), known.attribute(right, name)) for name in ATTRIBUTES]
    both = [mine == yours for mine, yours in pairs if mine is not None and yours is not None]
    agree, differ = both.count(True), both.count(False)
    if not TYPES[kind].is_shareable:
        return not (differ and not agree)
    if differ or agree:
        return not differ
    is_nothing_known = not any(value is not None for pair in pairs for value in pair)
    return is_nothing_known and POLICY.link_without_attributes


def owner(known: Known, identifier: Identifier, at: datetime, customer: dict[str, str]) -> Any:
    """The one customer whose a fact by an identifier is; None where there is none, or several."""
    holders = known.spans[identifier]
    if len(holders) > 1 and identifies_nobody(
        known, identifier[0], holders, known.usual[identifier[0]]
    ):
        return None
    customers = {customer[account] for account in known.holders(identifier, at)}
    return customers.pop() if len(customers) == 1 else None


def groups(known: Known) -> list[set[str]]:
    """The accounts of each person."""
    graph = nx.Graph(links(known))
    graph.add_nodes_from(known.accounts)
    found: list[set[str]] = []
    for component in nx.connected_components(graph):
        whole = len(component) <= POLICY.max_component_accounts
        found += [component] if whole else [{account} for account in component]
    return found


@dataclass
class Register:
    """The ids given so far: kept over releases, merged and split to the earliest."""

    current: dict[str, str] = field(default_factory=dict)  # account to id, the unseen included
    given: dict[str, int] = field(default_factory=lambda: defaultdict(int))  # account to times

    def release(self, known: Known) -> dict[str, str]:
        """The id of every account of a release."""
        age = lambda account: (known.first_event[account], account)  # noqa: E731
        members = groups(known)
        group_of = {account: n for n, group in enumerate(members) for account in group}
        heirs: dict[str, str] = {}
        for account in sorted(known.accounts, key=age):
            if account in self.current:
                heirs.setdefault(self.current[account], account)
        claims: dict[int, list[tuple[datetime, str]]] = defaultdict(list)
        for customer, heir in heirs.items():
            claims[group_of[heir]].append((known.first_event[heir], customer))
        ids = {}
        for number, group in enumerate(members):
            if claims[number]:
                ids[number] = min(claims[number])[1]
            else:
                founder = min(group, key=age)
                text = f"{founder}:{self.given[founder]}"
                ids[number] = (
                    "c_" + hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()[:16]
                )
        result = {account: ids[group_of[account]] for account in known.accounts}
        for account, customer in result.items():
            if self.current.get(account) != customer:
                self.given[account] += 1
                self.current[account] = customer
        return result
