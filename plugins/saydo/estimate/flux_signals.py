"""The estimate `flux_signals`: how often each signal of flux precedes a change, against all."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from saydo.config import Policy
from saydo.estimate.estimator import Estimate, Estimator
from saydo.estimate.intervals import Z_95

SUMS = "int_flux_signals_summarised"
# Totals that a lift is a quotient of, with the powers that they have in it.
TOTALS = ("signal_months", "followed_signal_months", "followed_months", "months")
_POWERS = np.array([-1, 1, -1, 1])
SCHEMA = pa.schema(
    [
        ("signal_code", pa.string()),
        ("customer_count", pa.int64()),
        ("observation_count", pa.int64()),
        ("base_observation_count", pa.int64()),
        ("followed_by_change_ratio", pa.float64()),
        ("base_ratio", pa.float64()),
        ("lift", pa.float64()),
        ("ci_low", pa.float64()),
        ("ci_high", pa.float64()),
    ]
)


def run(sums: Mapping[str, pa.Table], policy: Policy, as_of: date) -> Estimate:
    """One row per signal that customers had, in months that three more have followed.

    Ratios are of customer months, 0-1. `lift` and its interval are null of a signal of fewer
    customers than `flux.min_customers`, and of one that no change followed, or none at all.
    """
    found = [row for row in sums[SUMS].to_pylist() if row["signal_months"]]
    rows = [_row(row, policy.flux.min_customers) for row in found]
    measured = sum(row["lift"] is not None for row in rows)
    return Estimate(
        pa.Table.from_pylist(rows, SCHEMA), {"signals": len(rows), "signals_measured": measured}
    )


def lift_interval(
    totals: np.ndarray, products: np.ndarray, count: int
) -> tuple[float, float, float]:
    """A lift, and its 95% interval over customers, whose months hang together.

    lift = (followed with signal / with signal) / (followed / all). The logarithm of it is linear
    in small changes of the totals, so its variance is that of the sum over customers of
    power * own part / total (the cluster-robust delta method), times n / (n - 1).

    Args:
        totals: (4,) as TOTALS, each above 0.
        products: (4, 4) sums over customers of the products of their own parts.
        count: customers, at least two.
    """
    slopes = _POWERS / totals
    lift = float(np.exp(_POWERS @ np.log(totals)))
    variance = max(float(slopes @ products @ slopes), 0) * count / (count - 1)
    half = Z_95 * variance**0.5
    return lift, lift * float(np.exp(-half)), lift * float(np.exp(half))


def _row(row: Mapping[str, Any], least: int) -> dict[str, Any]:
    totals = np.array([row[name] for name in TOTALS], float)
    lift = low = high = None
    if row["customer_count"] >= least and totals.all():
        products = np.empty((4, 4))
        for i, left in enumerate(TOTALS):
            for j, right in enumerate(TOTALS[i:], i):
                products[i, j] = products[j, i] = row[f"{left}_by_{right}"]
        lift, low, high = lift_interval(totals, products, row["base_customer_count"])
    return {
        "signal_code": row["signal_code"],
        "customer_count": row["customer_count"],
        "observation_count": row["signal_months"],
        "base_observation_count": row["months"],
        "followed_by_change_ratio": totals[1] / totals[0],
        "base_ratio": totals[2] / totals[3],
        "lift": lift,
        "ci_low": low,
        "ci_high": high,
    }


FLUX_SIGNALS = Estimator("flux_signals", (SUMS,), SCHEMA, run)
