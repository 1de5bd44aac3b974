"""Whether identity is right: simulated persons, of whom it is known which accounts are whose."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections import Counter
from itertools import combinations
from pathlib import Path

import duckdb

from bench.harness import Comparison, apart
from bench.homes import land
from bench.identity_tier import resolve
from saydo.build import resolve_as_of
from saydo.landing.pseudonyms import pseudonym_key
from saydo.settings import Settings

CUSTOMERS, MONTHS = 100_000, 6
PRECISION, RECALL = 0.999, 0.95


def measure(
    scratch: Path, customers: int = CUSTOMERS, months: int = MONTHS
) -> tuple[list[Comparison], str]:
    """Resolve a simulated business and compare with its truth; figures as Markdown."""
    return [], apart(_judge, apart(land, scratch / "landed", customers, months), customers)


def _judge(settings: Settings, customers: int) -> str:
    resolve(settings, resolve_as_of(settings, None))
    truth = json.loads((settings.landing / "truth.json").read_text())
    secret = pseudonym_key(settings)
    keys = {
        hmac.new(secret, account.encode(), hashlib.sha256).hexdigest(): (person, account)
        for person, accounts in truth["persons_accounts"].items()
        for account in accounts
    }
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        resolved = connection.execute(
            "select account_key, customer_id from intermediate.int_accounts_resolved"
        ).fetchall()
    accounts_of: dict[str, list[str]] = {}
    for key, customer in sorted(resolved):
        accounts_of.setdefault(customer, []).append(keys[key][1])
    person_of = {account: person for person, account in keys.values()}
    customer_of = {account: c for c, found in accounts_of.items() for account in found}
    joined = {frozenset(pair) for found in accounts_of.values() for pair in combinations(found, 2)}
    true = {
        frozenset(pair)
        for accounts in truth["persons_accounts"].values()
        for pair in combinations([a for a in accounts if a in customer_of], 2)
    }
    wrong = [pair for pair in joined if len({person_of[account] for account in pair}) == 2]
    alone = set(truth["unlinkable_accounts"])
    missed = Counter("shares nothing" if pair & alone else "other" for pair in true - joined)
    recycled = {
        frozenset(person_of[span["account_id"]] for span in number["spans"])
        for number in truth["recycled_numbers"]
    }
    households = {
        frozenset(pair)
        for email in truth["household_emails"]
        for pair in combinations(email["persons"], 2)
    }
    persons = [frozenset(person_of[account] for account in pair) for pair in wrong]
    precision, recall = 1 - len(wrong) / len(joined), len(true & joined) / len(true)
    rows = [
        ("pairwise precision", f"{precision:.5f}", f"≥ {PRECISION}", precision >= PRECISION),
        ("pairwise recall", f"{recall:.4f}", f"≥ {RECALL}", recall >= RECALL),
        *(
            (f"persons joined by {what}", str(count), "0", count == 0)
            for what, count in (
                ("a recycled number", sum(pair in recycled for pair in persons)),
                ("a household's e-mail", sum(pair in households for pair in persons)),
            )
        ),
    ]
    told = [f"| {n} | {f} | {p} | {'yes' if kept else '**no**'} |" for n, f, p, kept in rows]
    return "\n".join(
        [
            "",
            f"{customers:,} simulated customers, {len(true):,} pairs of accounts of one person; "
            f"missed: {missed['shares nothing']} with an account that shares nothing with another "
            f"of its holder at one time, {missed['other']} others.",
            "",
            "| figure | measured | promised | kept |",
            "|---|---|---|---|",
            *told,
        ]
    )
