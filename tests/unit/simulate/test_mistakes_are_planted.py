"""Mistakes in second accounts: as many as asked for, told in the truth, none in first accounts."""

from __future__ import annotations

import csv
import gzip
import json
from collections import defaultdict
from pathlib import Path

import pytest

from saydo.errors import ConfigError
from saydo.simulate import simulate
from saydo.simulate.mistakes import KINDS

COLUMN = {
    "given_name": "first_name",
    "birth_date": "date_of_birth",
    "surname": "last_name",
    "address": "post_code",
}


def newest_rows(landing: Path) -> dict[str, dict[str, str]]:
    with (landing / "crm" / "accounts.csv").open(newline="", encoding="utf-8-sig") as file:
        text = file.read()
    rows = csv.DictReader(text.splitlines(), delimiter=csv.Sniffer().sniff(text[:2000]).delimiter)
    return {row["account_no"]: row for row in rows}


def test_a_second_account_is_as_wrong_as_the_truth_says_and_a_first_one_is_not(tmp_path):
    for name, share in (("right", 0.0), ("wrong", 0.5)):
        simulate(tmp_path / name, 600, 1, 5, mistakes=share)
    truth = json.loads((tmp_path / "wrong" / "truth.json").read_text())
    right, wrong = newest_rows(tmp_path / "right"), newest_rows(tmp_path / "wrong")
    twins = {person for pair in truth["twins"] for person in pair}
    changed = defaultdict(set)
    for person, accounts in truth["persons_accounts"].items():
        if person in twins:  # there are more of them, with other birth dates
            continue
        for account in accounts:
            for kind in KINDS:
                if right[account][COLUMN[kind]] != wrong[account][COLUMN[kind]]:
                    changed[account].add(kind)
        assert accounts[0] not in changed
    told = truth["mistakes"]
    assert all(kinds <= set(told[account]) for account, kinds in changed.items())
    for kind in KINDS:
        assert sum(kind in kinds for kinds in changed.values()) > 15, kind
    assert "mistakes" not in json.loads((tmp_path / "right" / "truth.json").read_text())


def test_a_share_of_mistakes_is_a_probability(tmp_path):
    with pytest.raises(ConfigError, match="between 0 and 1"):
        simulate(tmp_path / "out", 60, 1, 1, mistakes=15)


def contacts(landing: Path) -> dict[tuple[str, str], set[str]]:
    """The values of each account and kind, as they identify."""
    held = defaultdict(set)
    for file in (landing / "crm").glob("contact_points*.csv.gz"):
        with gzip.open(file, "rt", newline="", encoding="utf-8-sig") as stream:
            text = stream.read()
        dialect = csv.Sniffer().sniff(text[:2000])
        for row in csv.DictReader(text.splitlines(), dialect=dialect):
            value = row["point_value"].strip().lower()
            if row["point_type"] == "TEL":
                value = "".join(c for c in value if c.isdigit())[-10:]
            held[row["account_no"], row["point_type"]].add(value)
    return held


def test_e_mails_and_numbers_of_second_accounts_are_mistyped_into_nobody_elses(tmp_path):
    for name, share in (("right", 0.0), ("wrong", 0.5)):
        simulate(tmp_path / name, 600, 1, 5, mistakes=share)
    truth = json.loads((tmp_path / "wrong" / "truth.json").read_text())
    right, wrong = contacts(tmp_path / "right"), contacts(tmp_path / "wrong")
    taken = set().union(*right.values())
    changed = defaultdict(int)
    for (account, point), values in wrong.items():
        kind = {"EML": "email", "TEL": "msisdn"}.get(point)
        is_told = kind in truth["mistakes"].get(account, ())
        assert is_told or values == right[account, point]
        if is_told:
            changed[kind] += 1
            assert values.isdisjoint(taken)
    assert changed["email"] > 15 and changed["msisdn"] > 5
