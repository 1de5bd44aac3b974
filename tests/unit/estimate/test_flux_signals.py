"""The lift of a signal against a bootstrap of customers, and which signals have one."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from saydo.config import Policy
from saydo.config.policy import FluxPolicy
from saydo.estimate.flux_signals import FLUX_SIGNALS, SUMS, TOTALS

DAY = date(2025, 12, 31)


def parts(seed=5, count=400, effect=0.3):
    """(customers, 4): each one's part of TOTALS, over up to nine months that hang together."""
    rng = np.random.default_rng(seed)
    months = rng.integers(1, 10, count)
    rows = []
    for month_count, restless in zip(months, rng.random(count) < 0.3, strict=True):
        signal = rng.random(month_count) < 0.2
        followed = rng.random(month_count) < 0.1 + 0.3 * restless + effect * signal
        rows.append((signal.sum(), (signal & followed).sum(), followed.sum(), month_count))
    return np.array(rows)


def told(of, least=50):
    row = {"signal_code": "complained", "customer_count": int((of[:, 0] > 0).sum()),
           "base_customer_count": len(of)}  # fmt: skip
    row |= {name: int(of[:, i].sum()) for i, name in enumerate(TOTALS)}
    row |= {
        f"{left}_by_{right}": int(of[:, i] @ of[:, j])
        for i, left in enumerate(TOTALS)
        for j, right in enumerate(TOTALS)
        if j >= i
    }
    policy = Policy(flux=FluxPolicy(min_customers=least))
    return FLUX_SIGNALS.run({SUMS: pa.Table.from_pylist([row])}, policy, DAY).table.to_pylist()


def lift(of):
    signal, both, followed, months = of.sum(axis=0)
    return both / signal / (followed / months)


def test_the_interval_of_a_lift_is_that_of_customers_drawn_anew():
    of, rng = parts(), np.random.default_rng(1)
    (row,) = told(of)
    drawn = [lift(of[rng.integers(0, len(of), len(of))]) for _ in range(4000)]
    assert row["lift"] == pytest.approx(lift(of))
    assert [row["ci_low"], row["ci_high"]] == pytest.approx(
        np.quantile(drawn, [0.025, 0.975]), rel=0.03
    )
    assert row["followed_by_change_ratio"] / row["base_ratio"] == pytest.approx(row["lift"])


def test_a_signal_that_says_nothing_has_a_lift_whose_interval_covers_one():
    rows = [told(parts(seed, effect=0))[0] for seed in range(40)]
    assert sum(row["ci_low"] <= 1 <= row["ci_high"] for row in rows) >= 35


def test_of_few_customers_and_of_what_nothing_followed_no_lift_is_told():
    of = parts()
    assert told(of, least=1000)[0]["lift"] is None
    of[:, 1] = 0
    (row,) = told(of)
    assert row["lift"] is row["ci_low"] is row["ci_high"] is None
    assert row["followed_by_change_ratio"] == 0


def test_a_signal_that_nobody_had_is_not_listed():
    of = parts()
    of[:, :2] = 0
    assert told(of) == []
