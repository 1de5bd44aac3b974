"""Simulated businesses whose actions are planted: how they are configured, and built to marts."""

from __future__ import annotations

import csv
import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from saydo.actions import CREDITS
from saydo.actions.store import append
from saydo.build import LAYERS, build_layer, prepare, resolve_as_of
from saydo.gate import check_sources
from saydo.landing import hash_identifier, land_all
from saydo.settings import Settings
from saydo.simulate import simulate

# Two of each seed: what is planted in the one would drown what is looked for in the other.
WORLDS: dict[str, dict[str, bool]] = {
    "acted": {"credits": True, "journeys": True, "influence": True},
    "changing": {"changes": True},
}
CIRCLE = "planted_circle"
HORIZON_DAYS = 60  # after a credit
RELATIONS = """\
  - name: crm_relations
    source: relationships
    path: crm/relations*.csv
    format: csv
    timezone: UTC
    columns:
      id_type: "'account_id'"
      id_value: account_no
      to_id_type: "'account_id'"
      to_id_value: related_account_no
      relation_type: relation
      since_at: since
"""
# Sets that overlap, or do not, of outcomes that nothing about them moves in the simulated business:
# plans, and who was a customer how long before it begins, are drawn apart from all else.
NOTHING: dict[str, tuple[str, dict[str, str]]] = {
    "small_plans_complain": (
        "complaint_count_after >= 1",
        {"small": "plan_code in ('SIM-S', 'SIM-M')", "middle": "plan_code in ('SIM-M', 'SIM-L')"},
    ),
    "large_plans_call": (
        "contact_count_after >= 1",
        {"middle": "plan_code in ('SIM-M', 'SIM-L')", "large": "plan_code in ('SIM-L', 'SIM-XL')"},
    ),
    "old_customers_have_faults": (
        "fault_day_count_after >= 1",
        {
            "years": "tenure_band in ('12_to_23_months', '24_to_59_months')",
            "many_years": "tenure_band in ('24_to_59_months', '60_months_and_over')",
        },
    ),
    "ages_complain": (
        "complaint_count_after >= 1",
        {
            "young": "age_band in ('18_to_24', '25_to_34', '35_to_44')",
            "middle": "age_band in ('35_to_44', '45_to_54')",
            "old": "age_band in ('45_to_54', '55_to_64', '65_and_over')",
        },
    ),
    "middle_plans_leave": (
        "is_churned_after",
        {
            "middle": "plan_code in ('SIM-M', 'SIM-L')",
            "small": "plan_code in ('SIM-S', 'SIM-M')",
            "working": "age_band in ('25_to_34', '35_to_44', '45_to_54')",
        },
    ),
}


def configured(home: Path, truth: dict[str, Any]) -> Settings:
    """A home with the planted bet, bets without truth, and what was shown with which chances."""
    planted = truth.get("actions", {}).get("circle")
    told = {CIRCLE: (planted["outcome"], planted["sets"]), **NOTHING} if planted else {}
    bets = [
        {
            "code": code,
            "owner": "bench",
            "why": "It is so, or it is not.",
            "outcome": outcome,
            "horizon_months": planted["horizon_months"],
            "sets": sets,
        }
        for code, (outcome, sets) in told.items()
    ]
    policy = yaml.safe_load(Settings(home=home).policy_file.read_text())
    if offers := truth.get("changes"):
        policy["next_services"]["offer_experiments"] = [offers["experiment_code"]]
        shares = policy["experiments"].get("planned_shares") or {}
        shares[offers["experiment_code"]] = offers["planned_shares"]
        policy["experiments"]["planned_shares"] = shares
    feeds = Settings(home=home).feeds_file.read_text().rstrip() + "\n"
    if "influence" in truth:
        feeds += RELATIONS
    texts = {
        "bets_file": yaml.safe_dump({"bets": bets}, sort_keys=False),
        "policy_file": yaml.safe_dump(policy, sort_keys=False),
        "feeds_file": feeds,
    }
    files = {name: home / f"{name}.yml" for name in texts}
    for name, file in files.items():
        file.write_text(texts[name])
    return Settings(
        home=home,
        **files,
        memory_limit="4GB",
        pseudonym_key="bench",
    )


def decide(settings: Settings) -> None:
    """Keep the credits and holdouts of the simulated business as decisions of this home."""
    with (settings.landing / "decided" / "credits.csv").open() as file:
        rows = list(csv.DictReader(file))
    append(
        settings,
        CREDITS,
        "planted",
        (
            {
                "decision_id": f"planted-{row['account_no']}",
                "policy_code": "recovery",
                "policy_version": 1,
                "policy_hash": "planted",
                "decided_for": row["account_no"],
                "account_key": hash_identifier(settings, "account_id", row["account_no"]),
                "incident_id": "planted",
                "incident_date": date.fromisoformat(row["fault_day"]),
                "decision": row["decision"],
                "fault_minutes": Decimal(row["fault_minutes"]),
                "is_measured": False,
                "credit_amount": Decimal(1),
                "currency_code": "GBP",
                "satisfaction_band": row["band"],
                "decided_at": datetime.fromisoformat(f"{row['decided_on']} 04:00:00"),
                "release_id": "planted",
            }
            for row in rows
        ),
    )


def build_world(
    home: Path, customers: int, months: int, seed: int, world: str
) -> tuple[Settings, dict[str, Any]]:
    """Simulate a world and build its marts: settings of its home, and what truth.json says."""
    simulate(home / "landing", customers, months, seed=seed, **WORLDS[world])
    truth = json.loads((home / "landing" / "truth.json").read_text())
    settings = configured(home, truth)
    if followed := truth.get("influence"):
        followed["account_keys"] = [
            hash_identifier(settings, "account_id", code) for code in followed["influencers"]
        ]
    land_all(settings)
    check_sources(settings)
    if WORLDS[world].get("credits"):
        decide(settings)
    as_of = resolve_as_of(settings, None)
    prepare(settings, as_of)
    for layer, selection in LAYERS.items():
        if selection:  # tests say nothing that a figure here does not: half of a build's time
            LAYERS[layer] = [*selection, "--exclude-resource-type", "test"]
        build_layer(settings, layer, as_of)
    return settings, truth
