"""The links between a customer's accounts, and those that were weighed and found too light."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import replace
from datetime import datetime
from typing import Any

from saydo.identity.found import Link, Unlinked, shortened
from saydo.identity.warehouse import Warehouse

ATTRIBUTES = {
    "given_name_key": "given name",
    "birth_date_key": "birth date",
    "birth_year": "birth year",
}
SINCE_EVER = 1  # the year that stands for a span without a begin

_COMPARED = ", ".join(
    f"lefts.{column} as left_{column}, rights.{column} as right_{column}" for column in ATTRIBUTES
)
_HELD = (
    "select account_key, other_account_key, id_type, id_key, verdict, is_linked, "
    "held_together_from_at, needs_corroboration, cast(null as double) as match_probability "
    "from int_accounts_linked"
)
_ALIKE = (
    "select account_key, other_account_key, evidence as id_type, '' as id_key, verdict, is_linked, "
    "false as needs_corroboration, cast(match_probability as double) as match_probability "
    "from int_links_judged"
)


# By linkage; null: by the hashes.
_LIKENESSES = ("given_name_likeness", "birth_date_likeness", "email_likeness", "phone_likeness")
_CONTACTS = {"email_likeness": "e-mail", "phone_likeness": "number"}


def _pairs(warehouse: Warehouse) -> str:
    """Pairs that held an identifier together, and pairs that linkage found alike (no key then)."""
    pairs, told, compared = _HELD, "null as {0}", ""
    if warehouse.has_linkage:
        pairs, told = f"{_HELD} union all by name {_ALIKE}", "compared.{0}"
        compared = (
            "left join int_accounts_compared as compared "
            "on pairs.account_key = compared.account_key "
            "and pairs.other_account_key = compared.other_account_key "
        )
    likenesses = ", ".join(told.format(name) for name in _LIKENESSES)
    return (
        f"select pairs.*, {_COMPARED}, {likenesses}, "
        "lefts_of.customer_id as left_customer_id, rights_of.customer_id as right_customer_id "
        f"from ({pairs}) as pairs {compared}"
        "join int_accounts_described as lefts on pairs.account_key = lefts.account_key "
        "join int_accounts_described as rights on pairs.other_account_key = rights.account_key "
        "join int_accounts_resolved as lefts_of on pairs.account_key = lefts_of.account_key "
        "join int_accounts_resolved as rights_of "
        "on pairs.other_account_key = rights_of.account_key "
    )


def links_of(warehouse: Warehouse, numbers: dict[str, int]) -> tuple[tuple[Link, ...], int]:
    """A tree of links that holds a customer's accounts together, and how many links there are more.

    Args:
        warehouse: the candidate.
        numbers: account_key to number, from 1, earliest first.
    """
    keys = list(numbers)
    rows = warehouse.rows(
        f"{_pairs(warehouse)} where pairs.is_linked and pairs.account_key in (select unnest(?)) "
        "and pairs.other_account_key in (select unnest(?)) "
        "order by pairs.held_together_from_at nulls last, pairs.id_type, pairs.id_key",
        keys,
        keys,
    )
    beside: dict[int, dict[int, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        left, right = numbers[row["account_key"]], numbers[row["other_account_key"]]
        beside[left][right].append(row)
        beside[right][left].append(row)
    links: list[Link] = []
    reached, waiting = {1}, deque([1])
    while waiting:
        here = waiting.popleft()
        for there in sorted(beside[here].keys() - reached):
            reached.add(there)
            waiting.append(there)
            links += [_link(there, here, row) for row in beside[here][there]]
    return tuple(links), len(rows) - len(links)


def _link(number: int, with_number: int, row: dict[str, Any]) -> Link:
    return Link(
        number,
        with_number,
        row["id_type"],
        shortened(row["id_key"]),
        known_instant(row["held_together_from_at"]),
        row["needs_corroboration"],
        _attributes(row, "same"),
        _attributes(row, "unlike"),
        row["match_probability"],
        _attributes(row, "alike"),
    )


def unlinked_of(warehouse: Warehouse, numbers: dict[str, int]) -> tuple[Unlinked, ...]:
    """What was weighed between the customer and others, and did not link them."""
    keys = list(numbers)
    rows = warehouse.rows(
        f"{_pairs(warehouse)} where (pairs.account_key in (select unnest(?)) "
        "or pairs.other_account_key in (select unnest(?))) "
        "and lefts_of.customer_id <> rights_of.customer_id "
        "order by pairs.verdict, pairs.id_type, pairs.id_key, right_customer_id, left_customer_id",
        keys,
        keys,
    )
    pairs: dict[Unlinked, list[tuple[int, str]]] = defaultdict(list)
    for row in rows:
        is_left = row["account_key"] in numbers
        mine, other = ("", "other_")[:: 1 if is_left else -1]
        line = _unlinked(row, row["right_customer_id" if is_left else "left_customer_id"])
        pairs[line].append((numbers[row[f"{mine}account_key"]], row[f"{other}account_key"]))
    return tuple(
        replace(
            line,
            numbers=tuple(sorted({number for number, _ in told})),
            other_keys=tuple(sorted({shortened(key) for _, key in told})),
        )
        for line, told in pairs.items()
    )


def _unlinked(row: dict[str, Any], other_customer_id: str) -> Unlinked:
    return Unlinked(
        (),
        (),
        other_customer_id,
        row["id_type"],
        shortened(row["id_key"]),
        row["verdict"],
        _attributes(row, "same"),
        _attributes(row, "unlike"),
        row["match_probability"],
        _attributes(row, "alike"),
    )


def _attributes(row: dict[str, Any], degree: str) -> tuple[str, ...]:
    """Names of the attributes of both holders that are the same, alike or unlike."""
    names = [name for column, name in ATTRIBUTES.items() if _likeness(row, column) == degree]
    if degree == "alike":  # the same one is told as an identifier, and an unlike one says nothing
        names += [name for column, name in _CONTACTS.items() if row[column] == "alike"]
    return tuple(names)


def _likeness(row: dict[str, Any], column: str) -> str | None:
    """As the rules take it (macro attribute_likeness)."""
    left, right = row[f"left_{column}"], row[f"right_{column}"]
    told = row.get(column.replace("_key", "_likeness"))
    if told is not None:
        return str(told)
    if left is None or right is None:
        return None
    if left == right:
        return "same"
    is_told = column == "birth_year" and row["birth_date_likeness"] == "alike"
    return "alike" if is_told else "unlike"


def known_instant(at: datetime | None) -> datetime | None:
    """An instant, or None for the one that stands for "since ever"."""
    return None if at is None or at.year == SINCE_EVER else at
