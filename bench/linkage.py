"""Linkage at scale: what it costs, and its precision and recall against the simulator's truth."""

from __future__ import annotations

import itertools
import json
import shutil
import sys
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import duckdb

from bench.harness import Command, apart, run_once
from saydo.build import build_layer, prepare, resolve_as_of
from saydo.landing import hash_identifier, land_feed, read_ledger
from saydo.landing.ledger import write_entry
from saydo.settings import Settings
from saydo.simulate import simulate

FEEDS = ("crm_accounts", "crm_contact_points")  # all that decides who is who
Pairs = set[tuple[str, str]]

IDENTITY = """
from datetime import date
from saydo.build import build_layer
from saydo.settings import Settings
build_layer(Settings(), "identity", date.fromisoformat("{as_of}"))
"""


def measure(scratch: Path, customers: int, months: int) -> str:
    """Resolve identity without and with linkage, each a process of its own.

    Returns:
        time, memory, precision, recall and wrong pairs of both, as Markdown.
    """
    home = scratch / "home"
    if not (home / "landing").exists():
        apart(simulate, home / "landing", customers, months, 1)
    lines = [
        f"{customers:,} customers × {months} months; identity resolved in one process, pairs of "
        "accounts held against the simulator's truth.",
        "",
        "| linkage | wall s | CPU s | peak MB | precision | recall | wrong pairs |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, is_on in (("off", "false"), ("on, model learnt", "true")):
        policy = scratch / f"policy-{is_on}.yml"
        policy.write_text(f"linkage: {{is_on: {is_on}}}\n")
        as_of = apart(stage, home, policy)
        env = {"SAYDO_HOME": str(home), "SAYDO_POLICY_FILE": str(policy)}
        run = run_once(Command([sys.executable, "-c", IDENTITY.format(as_of=as_of)], env))
        precision, recall, wrong = apart(figures, home)
        lines.append(
            f"| {name} | {run.wall:.1f} | {run.cpu:.1f} | {run.peak_mb:,.0f} | {precision:.5f} "
            f"| {recall:.5f} | {wrong} |"
        )
    return "\n".join(lines) + "\n"


def stage(home: Path, policy: Path) -> str:
    """Land the accounts if they are not there, and build staging anew; returns the as-of date."""
    settings = Settings(home=home, policy_file=policy)
    for place in (settings.state / "build", settings.state / "linkage"):
        shutil.rmtree(place, ignore_errors=True)
    settings.warehouse.unlink(missing_ok=True)
    for feed in FEEDS:
        land_feed(settings, feed)
    for batch in read_ledger(settings):
        write_entry(settings, batch.model_copy(update={"status": "accepted"}))
    as_of = resolve_as_of(settings, None)
    prepare(settings, as_of)
    build_layer(settings, "staging", as_of)
    return as_of.isoformat()


def figures(home: Path) -> tuple[float, float, int]:
    """Pairwise precision, recall, and how many pairs of two persons are one customer."""
    settings = Settings(home=home)
    truth = json.loads((settings.landing / "truth.json").read_text())
    person = {
        hash_identifier(settings, "account_id", account): name
        for name, accounts in truth["persons_accounts"].items()
        for account in accounts
    }
    with duckdb.connect(str(settings.warehouse), read_only=True) as warehouse:
        resolved = dict(
            warehouse.execute(
                "select account_key, customer_id from intermediate.int_accounts_resolved"
            ).fetchall()
        )
    found, true = pairs(resolved), pairs({account: person[account] for account in resolved})
    right = len(found & true)
    return right / len(found), right / len(true), len(found - true)


def pairs(group_of: Mapping[str, str]) -> Pairs:
    """Every pair of accounts of one group."""
    members: dict[str, list[str]] = defaultdict(list)
    for account, group in group_of.items():
        members[group].append(account)
    return {
        (left, right)
        for accounts in members.values()
        for left, right in itertools.combinations(sorted(accounts), 2)
    }
