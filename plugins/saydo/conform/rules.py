"""The invariants that movements of recurring revenue keep, whoever computed them.

A row is judged by itself first. Those that can be read are then followed customer by customer,
month by month: the level a customer pays is what its movements add up to, from nothing. Each break
is told of the row where it shows; after a churn the level is nothing whatever it was, so that one
wrong amount is not told again in every later month.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from saydo.conform.movements import Movement

TYPES = ("new", "expansion", "contraction", "churn", "reactivation")
RISING = frozenset({"new", "expansion", "reactivation"})

# In the order in which they are asked; a row by itself, then a customer's rows in turn.
RULES = {
    "customer_given": "a row says whose it is",
    "month_readable": "a month is YYYY-MM, or its first day as YYYY-MM-DD",
    "type_known": f"movement_type is one of {', '.join(TYPES)}",
    "amount_readable": "an amount is a decimal number, to the cent",
    "amount_moves": "an amount is not zero: where nothing moved there is no row",
    "amount_signed": "new, expansion and reactivation are above zero; contraction and churn below",
    "moved_once": "a customer moves once a month: what moved is one net amount",
    "new_first": "the first movement of a customer is new",
    "new_once": "a customer is new once",
    "reactivation_after_churn": "only who churned comes back",
    "expansion_while_paying": "only who pays can pay more",
    "contraction_while_paying": "only who pays can pay less",
    "contraction_keeps_paying": "a contraction leaves something; what leaves nothing is churn",
    "churn_while_paying": "only who pays can stop paying",
    "churn_to_zero": "a churn takes all that was paid",
}
_MONTH = re.compile(r"(\d{4}-(?:0[1-9]|1[0-2]))(?:-01(?: 00:00:00)?)?")
_AMOUNT = re.compile(r"[+-]?\d+(?:\.\d+)?")


@dataclass(frozen=True, order=True)
class Break:
    """A rule that a row breaks; `found` says what stands there, without whose it is."""

    row: int
    rule: str
    found: str


def rule_breaks(movements: Iterable[Movement]) -> list[Break]:
    """Every rule that a row breaks, in the order of rows.

    Args:
        movements: rows in any order, amounts in one currency.
    """
    broken: list[Break] = []
    lives: dict[str, list[tuple[str, Movement, Decimal]]] = defaultdict(list)
    for movement in movements:
        found = list(_alone(movement))
        broken += found
        # An amount of nothing, or of the wrong sign, can be followed still.
        if {each.rule for each in found} <= {"amount_moves", "amount_signed"}:
            month = _month(movement.month)
            lives[movement.customer].append((month, movement, Decimal(movement.amount)))
    for life in lives.values():
        broken += _together(sorted(life, key=lambda moved: (moved[0], moved[1].row)))
    return sorted(broken)


def _month(text: str) -> str:
    found = _MONTH.fullmatch(text)
    return found[1] if found else ""


def _alone(movement: Movement) -> Iterator[Break]:
    """What is wrong with a row whatever the others say."""

    def told(rule: str, found: str) -> Break:
        return Break(movement.row, rule, found)

    if not movement.customer:
        yield told("customer_given", "no customer")
    if not _month(movement.month):
        yield told("month_readable", f"month {movement.month!r}")
    is_known = movement.movement_type in TYPES
    if not is_known:
        yield told("type_known", f"movement_type {movement.movement_type!r}")
    amount = _amount(movement.amount)
    if amount is None:
        yield told("amount_readable", f"amount {movement.amount!r}")
    elif amount == 0:
        yield told("amount_moves", f"{movement.movement_type} of {movement.amount}")
    elif is_known and (amount > 0) != (movement.movement_type in RISING):
        yield told("amount_signed", f"{movement.movement_type} of {movement.amount}")


def _amount(text: str) -> Decimal | None:
    if not _AMOUNT.fullmatch(text):
        return None
    try:
        amount = Decimal(text)
        return amount if amount == round(amount, 2) else None
    except InvalidOperation:
        return None


def _together(life: list[tuple[str, Movement, Decimal]]) -> Iterator[Break]:
    """What is wrong with the rows of one customer, in turn."""
    level, has_paid, before = Decimal(0), False, ""
    for month, movement, amount in life:
        kind = movement.movement_type
        for rule in _broken(kind, level, amount, has_paid):
            yield Break(movement.row, rule, f"{kind} of {amount} where {level} was paid")
        if month == before:
            yield Break(movement.row, "moved_once", f"moved before in {month}")
        level = Decimal(0) if kind == "churn" else max(level + amount, Decimal(0))
        has_paid, before = True, month


def _broken(kind: str, level: Decimal, amount: Decimal, has_paid: bool) -> Iterator[str]:
    if kind != "new" and not has_paid:
        yield "new_first"
        return
    after = level + amount
    if kind == "new" and has_paid:
        yield "new_once"
    if kind == "reactivation" and level > 0:
        yield "reactivation_after_churn"
    if kind == "expansion" and level <= 0:
        yield "expansion_while_paying"
    if kind == "contraction" and level <= 0:
        yield "contraction_while_paying"
    elif kind == "contraction" and after <= 0:
        yield "contraction_keeps_paying"
    if kind == "churn" and level <= 0:
        yield "churn_while_paying"
    elif kind == "churn" and after != 0:
        yield "churn_to_zero"
