"""Accounts and identifiers of made-up persons, and what identity makes of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from saydo.landing import hash_identifier
from saydo.settings import Settings

IDENTITY = (
    "path:models/staging/identity",
    "path:models/staging/operations",
    "path:models/intermediate/identity",
)


LANDING = Settings(pseudonym_key="a key for tests, and for nothing else")


def one(*names: str) -> frozenset[str]:
    """The accounts of one person."""
    return frozenset(names)


@dataclass
class World:
    """Accounts and identifiers of many scenarios. Keys are prefixed with the scenario's name."""

    accounts: list[dict[str, Any]] = field(default_factory=list)
    identifiers: list[dict[str, Any]] = field(default_factory=list)
    erasures: list[dict[str, Any]] = field(default_factory=list)
    input_changes: list[dict[str, str]] = field(default_factory=list)
    variables: dict[str, Any] = field(default_factory=dict)

    def account(self, scenario: str, name: str, opened_at: str = "2024-01-01", **values) -> None:
        key = f"{scenario}/{name}"
        self.accounts.append({"account_key": key, "opened_at": opened_at} | values)

    def holds(self, scenario: str, name: str, kind: str, value: str, **span) -> None:
        self.identifiers.append(
            {"account_key": f"{scenario}/{name}", "id_type": kind, "id_key": f"{scenario}/{value}"}
            | {f"valid_{side}_at": at for side, at in span.items()}
        )

    def holds_clear(self, scenario: str, name: str, kind: str, value: str, **span) -> None:
        """A value as somebody wrote it, under the key that landing gives it."""
        key = hash_identifier(LANDING, kind, value)
        row = {"account_key": f"{scenario}/{name}", "id_type": kind, "id_key": key}
        self.identifiers.append(row | {f"valid_{side}_at": at for side, at in span.items()})

    def forgets(self, scenario: str, name: str) -> None:
        key = f"{scenario}/{name}"
        request = {"request_id": key, "id_type": "account_id", "id_key": key}
        self.erasures.append(request | {"requested_at": "2024-06-01"})


class Resolved:
    """What identity made of a home."""

    def __init__(self, home):
        self.home = home
        found = home.rows("select account_key, customer_id from intermediate.int_accounts_resolved")
        self.customer = {row["account_key"]: row["customer_id"] for row in found}
        forgotten = home.rows(
            "select customer_id from intermediate.int_customers_published where is_forgotten"
        )
        self.forgotten = {row["customer_id"] for row in forgotten}

    def groups(self, scenario: str) -> set[frozenset[str]]:
        """Accounts by customer, without the scenario's prefix."""
        together: dict[str, set[str]] = {}
        for account, customer in self.customer.items():
            if account.startswith(f"{scenario}/"):
                together.setdefault(customer, set()).add(account.split("/")[1])
        return {frozenset(names) for names in together.values()}

    def spans(self, scenario: str, value: str) -> list[tuple]:
        """(holder's first account, or None when shared; from; to) of an identifier, by time."""
        names = {
            customer: name.split("/")[1] for name, customer in sorted(self.customer.items())[::-1]
        }
        rows = self.home.rows(
            "select * from intermediate.int_identifiers_resolved "
            f"where id_key = '{scenario}/{value}' order by valid_from_at nulls first, customer_id"
        )
        return [
            (
                None if row["is_shared"] else names[row["customer_id"]],
                row["valid_from_at"] and f"{row['valid_from_at']:%m-%d}",
                row["valid_to_at"] and f"{row['valid_to_at']:%m-%d}",
            )
            for row in rows
        ]

    def row(self, scenario: str, account: str) -> dict[str, Any]:
        """The customer of one account."""
        customer = self.customer[f"{scenario}/{account}"]
        (row,) = self.home.rows(
            f"select * from intermediate.int_customers_resolved where customer_id = '{customer}'"
        )
        return row

    def learnt(self, scenario: str) -> list[dict[str, Any]]:
        """The placeholders among a scenario's identifiers."""
        return self.home.rows(
            "select * from intermediate.int_placeholders_learnt "
            f"where starts_with(id_key, '{scenario}/')"
        )
