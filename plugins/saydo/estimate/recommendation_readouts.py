"""The estimate `recommendation_readouts`: whether what was offered is what customers then took."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from saydo.config import Policy
from saydo.estimate.estimator import Estimate, Estimator
from saydo.estimate.intervals import wilson
from saydo.estimate.next_best_services import PATTERNS, PRICES, price_of, product_codes
from saydo.estimate.services import (
    Patterns,
    associate,
    best_reasons,
    patterns,
    ranked,
    shrunk,
)

FITTED, JUDGED = 1, 2  # origins: two horizons before the as-of day, and one
SCHEMA = pa.schema(
    [
        ("period_start_date", pa.date32()),
        ("period_end_date", pa.date32()),
        ("method", pa.string()),
        ("customer_count", pa.int64()),
        ("hit_count", pa.int64()),
        ("hit_rate_at_3", pa.float64()),
        ("ci_low", pa.float64()),
        ("ci_high", pa.float64()),
        ("popularity_hit_rate_at_3", pa.float64()),
        ("new_service_count", pa.int64()),
        ("recommended_share_of_new", pa.float64()),
        ("off_policy_value", pa.float64()),
        ("effective_count", pa.float64()),
    ]
)


def run(sums: Mapping[str, pa.Table], policy: Policy, as_of: date) -> Estimate:
    """One row per method, of the last horizon: offers are of its first day, from what was known.

    Hit rates are shares of the customers who took a new service that took one of the three that
    were offered, 0-1. No row where nobody took one. `off_policy_value` and `effective_count` are
    null: no recommendation is logged with its propensity.
    """
    rows, prices = sums[PATTERNS].to_pylist(), price_of(sums[PRICES])
    fitted = [row for row in rows if row["origin_number"] == FITTED]
    judged = [row for row in rows if row["origin_number"] == JUDGED]
    told = _rows(fitted, judged, prices, policy, as_of) if fitted and judged else []
    return Estimate(pa.Table.from_pylist(told, SCHEMA), {"methods": len(told)})


def _rows(
    fitted: list[dict[str, Any]],
    judged: list[dict[str, Any]],
    prices: Mapping[str, float],
    policy: Policy,
    as_of: date,
) -> list[dict[str, Any]]:
    products = product_codes(fitted + judged, prices)
    price = np.array([prices.get(code, 0) for code in products])
    found = associate(patterns(fitted, products))
    chances = shrunk(found, policy.next_services.prior_customers)
    lived = patterns(judged, products)
    probability = np.take_along_axis(chances, best_reasons(lived.held, chances), axis=0)
    customers = int(lived.counts @ lived.taken.any(axis=1))
    new_services = int(lived.counts @ lived.taken.sum(axis=1))
    if customers == 0:
        return []
    popular, _ = _hits(lived, ranked(found.took_counts, lived.eligible))
    rows = []
    for method, worth in (("expected_revenue", probability * price), ("probability", probability)):
        hits, recommended = _hits(lived, ranked(worth, lived.eligible))
        low, high = wilson(np.array([hits]), np.array([customers]))
        rows.append(
            {
                "period_start_date": judged[0]["origin_date"],
                "period_end_date": as_of,
                "method": method,
                "customer_count": customers,
                "hit_count": hits,
                "hit_rate_at_3": hits / customers,
                "ci_low": low[0],
                "ci_high": high[0],
                "popularity_hit_rate_at_3": popular / customers,
                "new_service_count": new_services,
                "recommended_share_of_new": recommended / new_services,
                "off_policy_value": None,
                "effective_count": None,
            }
        )
    return rows


def _hits(lived: Patterns, tops: np.ndarray) -> tuple[int, int]:
    """Customers who took one of the offered, and services taken that had been offered."""
    taken = np.take_along_axis(lived.taken, np.maximum(tops, 0), axis=1) & (tops >= 0)
    return int(lived.counts @ taken.any(axis=1)), int(lived.counts @ taken.sum(axis=1))


RECOMMENDATION_READOUTS = Estimator("recommendation_readouts", (PATTERNS, PRICES), SCHEMA, run)
