"""The canonical tables that one file fills: one, or more where it has a line for each customer."""

from __future__ import annotations

from saydo.contract import SOURCES
from saydo.draft.choosing import amounts, fits, recurring, scores
from saydo.draft.joining import Identity
from saydo.draft.synonyms import MONTHLY
from saydo.draft.table import Table

_FACTS = tuple(name for name in SOURCES if name not in ("accounts", "account_identifiers"))


def chosen_tables(table: Table, identity: Identity) -> list[str]:
    """The canonical tables that a file fills, the accounts aside, the likeliest first."""
    whose = identity.whose.get(table.key)
    besides = {whose.column.name} if whose else set()
    found = {name: fit for name in _FACTS if (fit := fits(table, name, besides))}
    if not found:
        return []
    best = max(found, key=lambda name: found[name])
    is_accounts = table is identity.accounts and not identity.is_derived
    is_line_each = whose is not None and whose.id_type == "account_id" and whose.column.is_unique
    if not (is_accounts or is_line_each):
        return [best]
    price = recurring(table, besides)
    is_monthly = price is not None and bool(set(price.words) & MONTHLY)
    sums = [column for column in amounts(table, besides) if column is not price]
    said = {
        "subscriptions": is_monthly,
        "transactions": bool(sums) and (is_monthly or not is_accounts),
        "survey_responses": bool(scores(table, besides)),
    }
    return sorted(
        (
            name
            for name in found
            if said.get(name, False) or (name == best and not is_accounts)
        ),
        key=lambda name: -found[name],
    )  # fmt: skip
