"""Relations are delivered with who is followed planted in them, and these are found again."""

from __future__ import annotations

import json

import duckdb
import numpy as np
import pytest

from bench.influence_auc import Found, area_under_curve, followed, simulate
from saydo.errors import ConfigError
from saydo.simulate import simulate as deliver


@pytest.fixture(scope="module")
def worlds() -> list[Found]:
    return [simulate(seed, 1500, 12) for seed in (1, 2)]


def test_those_whom_others_follow_are_found(worlds):
    for found in worlds:
        assert found.is_planted.sum() > 20
        assert found.auc >= 0.8


def test_an_area_is_the_share_of_pairs_in_the_right_order():
    rng = np.random.default_rng(1)
    score, is_positive = rng.integers(0, 8, 60), rng.random(60) < 0.3
    pairs = [
        (one > other) + (one == other) / 2
        for one in score[is_positive]
        for other in score[~is_positive]
    ]
    assert area_under_curve(score, is_positive) == pytest.approx(np.mean(pairs))


def test_what_follows_is_told_in_the_direction_of_the_change():
    # The first gains in the third month; the second follows by 5, and had lost 1 before.
    revenue = np.array([[10, 10], [10, 10], [10, 9], [20, 9], [20, 14]], dtype=float)
    following, count = followed(np.array([[0, 1]]), revenue, prior=2)
    assert count.tolist() == [1, 0]
    assert following.tolist() == [(5 - -1) / 3, 0]


def test_relations_are_delivered_and_the_truth_names_who_is_followed(tmp_path):
    for name, influence in (("with", True), ("without", False)):
        deliver(tmp_path / name, 120, 6, seed=2, influence=influence)
    truth = json.loads((tmp_path / "with" / "truth.json").read_text())
    followed_accounts = truth["influence"]["influencers"]
    rows = duckdb.execute(
        f"select account_no, related_account_no, relation from '{tmp_path}/with/crm/relations.csv'"
    ).fetchall()
    accounts = f"select account_no from '{tmp_path}/with/crm/accounts.csv'"
    known = {account for (account,) in duckdb.execute(accounts).fetchall()}
    assert len(rows) == truth["totals"]["rows_delivered"]["relationships"] > 10
    assert {one for one, *_ in rows} | {other for _, other, _ in rows} <= known
    assert set(followed_accounts) < {one for one, *_ in rows} and followed_accounts
    assert not (tmp_path / "without" / "crm" / "relations.csv").exists()
    without = json.loads((tmp_path / "without" / "truth.json").read_text())
    assert "influence" not in without
    assert "relationships" not in without["totals"]["rows_delivered"]


def test_whoever_follows_takes_months_to_do_so(tmp_path):
    with pytest.raises(ConfigError, match="takes 6 at least"):
        deliver(tmp_path / "landing", 60, 5, seed=1, influence=True)
