"""Credits are in the files, and change who stays as truth.json says; nothing if not asked for."""

from __future__ import annotations

import csv
import json
from collections import Counter
from datetime import date

import pytest
from delivered_tables import hashes

from bench.recovery_coverage import NOTHING, PLANTED
from bench.recovery_coverage import simulate as simulate_world
from saydo.simulate import simulate

SMALL = {"customers": 300, "months": 7, "seed": 5}


@pytest.fixture(scope="module")
def credited(tmp_path_factory):
    folder = tmp_path_factory.mktemp("credited") / "landing"
    simulate(folder, **SMALL, credits=True)
    return folder


def test_who_was_decided_on_is_told_beside_what_no_feed_reads(credited):
    rows = list(csv.DictReader((credited / "decided" / "credits.csv").open()))
    truth = json.loads((credited / "truth.json").read_text())
    planted = truth["planted"]["credits"]["bands"]
    counted = Counter(row["decision"] for row in rows)
    assert counted == {
        "credit": planted["all"]["credited_count"], "holdout": planted["all"]["holdout_count"],
    }  # fmt: skip
    assert min(counted.values()) > 20 and len({row["account_no"] for row in rows}) == len(rows)
    days = [date.fromisoformat(row["decided_on"]) for row in rows]
    assert min(days) >= date(2025, 7, 1) and max(days) < date(2025, 10, 1)
    assert all(float(row["fault_minutes"]) >= 60 for row in rows)
    accounts = truth["persons_accounts"]
    assert all(row["account_no"] in accounts[row["person"]] for row in rows)


def test_what_is_simulated_before_the_first_credit_stays_byte_for_byte(credited, tmp_path):
    simulate(tmp_path / "plain", **SMALL)
    with_credits, plain = hashes(credited), hashes(tmp_path / "plain")
    assert with_credits.keys() - plain.keys() == {"decided/credits.csv"}
    early = [name for name in plain if "network/usage_2025-0" in name and name[-10:-8] < "08"]
    assert len(early) == 2 and all(plain[name] == with_credits[name] for name in early)
    assert "credits" not in json.loads((tmp_path / "plain" / "truth.json").read_text())["planted"]


@pytest.mark.parametrize("effects", [PLANTED, NOTHING], ids=["some", "none"])
def test_the_planted_difference_is_found_again_by_arm(effects):
    found = simulate_world(3, effects, customers=8000, months=9)["all"]
    assert found.low <= found.planted <= found.high
    if effects.dissatisfied:
        assert found.planted < -0.005 and found.value < 0
    else:
        assert found.planted == 0 and found.low <= 0 <= found.high
