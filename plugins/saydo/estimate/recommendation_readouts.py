"""The estimate `recommendation_readouts`: whether what was offered is what customers then took."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from saydo.config import Policy
from saydo.estimate.estimator import Estimate, Estimator
from saydo.estimate.intervals import newcombe_paired, wilson
from saydo.estimate.next_best_services import PATTERNS, PRICES, price_of, product_codes
from saydo.estimate.services import (
    Patterns,
    associate,
    best_reasons,
    off_policy,
    patterns,
    ranked,
    shrunk,
)

SHOWN = "int_shown_services_counted"
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
        ("hit_difference", pa.float64()),
        ("difference_ci_low", pa.float64()),
        ("difference_ci_high", pa.float64()),
        ("new_service_count", pa.int64()),
        ("recommended_share_of_new", pa.float64()),
        ("off_policy_value", pa.float64()),
        ("effective_count", pa.float64()),
    ]
)


def run(sums: Mapping[str, pa.Table], policy: Policy, as_of: date) -> Estimate:
    """One row per method, of the last horizon: offers are of its first day, from what was known.

    Hit rates are shares of the customers who took a new service that took one of the three that
    were offered, 0-1; the difference is to offering the most popular. No row where nobody took one.
    `off_policy_value` is the share of services shown by chance that would have been taken, had the
    method's first been shown; null where none was, or none of those that it would have shown.
    """
    rows, prices = sums[PATTERNS].to_pylist(), price_of(sums[PRICES])
    fitted = [row for row in rows if row["origin_number"] == FITTED]
    judged = [row for row in rows if row["origin_number"] == JUDGED]
    named = policy.next_services.offer_experiments
    shown = [row for row in sums[SHOWN].to_pylist() if row["experiment_code"] in named]
    told = _rows(fitted, judged, shown, prices, policy, as_of) if fitted and judged else []
    return Estimate(pa.Table.from_pylist(told, SCHEMA), {"methods": len(told)})


def _rows(
    fitted: list[dict[str, Any]],
    judged: list[dict[str, Any]],
    shown: list[dict[str, Any]],
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
    popular, _ = _taken(lived, ranked(found.took_counts, lived.eligible))
    rows = []
    for method, worth in (("expected_revenue", probability * price), ("probability", probability)):
        tops = ranked(worth, lived.eligible)
        hit, recommended = _taken(lived, tops)
        hits, popular_hits, both = (int(lived.counts @ of) for of in (hit, popular, hit & popular))
        low, high = wilson(np.array([hits]), np.array([customers]))
        difference = newcombe_paired(
            both, hits - both, popular_hits - both, customers - hits - popular_hits + both
        )
        value, effective = _earned(shown, _firsts(judged, tops, products), policy)
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
                "popularity_hit_rate_at_3": popular_hits / customers,
                "hit_difference": difference[0],
                "difference_ci_low": difference[1],
                "difference_ci_high": difference[2],
                "new_service_count": new_services,
                "recommended_share_of_new": recommended / new_services,
                "off_policy_value": value,
                "effective_count": effective,
            }
        )
    return rows


def _taken(lived: Patterns, tops: np.ndarray) -> tuple[np.ndarray, int]:
    """Whose patterns took one of the offered, and how many services taken had been offered."""
    taken = np.take_along_axis(lived.taken, np.maximum(tops, 0), axis=1) & (tops >= 0)
    return taken.any(axis=1), int(lived.counts @ taken.sum(axis=1))


def _firsts(
    judged: list[dict[str, Any]], tops: np.ndarray, products: list[str]
) -> dict[tuple[str, str], str]:
    """The service that is offered first, by services held and cancelled."""
    return {
        (row["held_codes"], row["cancelled_codes"]): products[top[0]]
        for row, top in zip(judged, tops, strict=True)
        if top[0] >= 0
    }


def _earned(
    shown: list[dict[str, Any]], firsts: Mapping[tuple[str, str], str], policy: Policy
) -> tuple[float | None, float | None]:
    """SNIPS of always showing the first, and how many showings it is worth; None without any."""
    chances = _chances(shown, policy)
    rewards, logged, target = (np.empty(0) for _ in range(3))
    for row in shown:
        chance = chances.get((row["experiment_code"], row["product_code"]))
        if chance is None:
            continue
        count, taken = row["customer_count"], row["taken_count"]
        meant = firsts.get((row["held_codes"], row["cancelled_codes"])) == row["product_code"]
        rewards = np.append(rewards, np.repeat((1.0, 0.0), (taken, count - taken)))
        logged = np.append(logged, np.full(count, chance))
        target = np.append(target, np.full(count, float(meant)))
    if not target.any():
        return None, None
    _, value, effective = off_policy(rewards, logged, target)
    return value, effective


def _chances(shown: list[dict[str, Any]], policy: Policy) -> dict[tuple[str, str], float]:
    """The chance with which each experiment showed each service, of those it showed one."""
    controls = {name.casefold() for name in policy.experiments.control_variants}
    chances = {}
    for code in sorted({row["experiment_code"] for row in shown}):
        seen = sorted({row["product_code"] for row in shown if row["experiment_code"] == code})
        planned = policy.experiments.planned_shares.get(code) or dict.fromkeys(seen, 1.0)
        services = {
            name: share for name, share in planned.items()
            if name.strip().casefold() not in controls
        }  # fmt: skip
        total = sum(services.values())
        chances |= {(code, name): share / total for name, share in services.items()}
    return chances


RECOMMENDATION_READOUTS = Estimator(
    "recommendation_readouts", (PATTERNS, PRICES, SHOWN), SCHEMA, run
)
