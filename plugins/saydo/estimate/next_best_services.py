"""The estimate `next_best_services`: what customers with the same services take next."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from saydo.config import Policy
from saydo.estimate.estimator import Estimate, Estimator
from saydo.estimate.services import associate, best_reasons, patterns, ranked, shrunk

PATTERNS = "int_service_patterns_counted"
PRICES = "int_service_prices_summarised"
FITTED, OFFERED = 2, 3  # origins: a horizon before the as-of day, and the as-of day
SCHEMA = pa.schema(
    [
        ("held_codes", pa.string()),
        ("cancelled_codes", pa.string()),
        ("rank", pa.int64()),
        ("product_code", pa.string()),
        ("probability", pa.float64()),
        ("base_probability", pa.float64()),
        ("monthly_price", pa.float64()),
        ("reason", pa.string()),
        ("evidence_count", pa.int64()),
    ]
)


def run(sums: Mapping[str, pa.Table], policy: Policy, as_of: date) -> Estimate:
    """Up to three rows per set of services held and cancelled, the most expected revenue first.

    Probabilities are of taking the service within `next_services.horizon_days`, 0-1, as they were
    in the last such span; prices are monthly, in the reporting currency.
    """
    rows, prices = sums[PATTERNS].to_pylist(), price_of(sums[PRICES])
    fitted = [row for row in rows if row["origin_number"] == FITTED]
    offered = [row for row in rows if row["origin_number"] == OFFERED]
    told = _rows(fitted, offered, prices, policy) if fitted and offered else []
    return Estimate(
        pa.Table.from_pylist(told, SCHEMA), {"patterns": len(offered), "offers": len(told)}
    )


def price_of(table: pa.Table) -> dict[str, float]:
    """Monthly price of each product that has one."""
    return {row["product_code"]: float(row["monthly_price"]) for row in table.to_pylist()}


def _rows(
    fitted: list[dict[str, Any]],
    offered: list[dict[str, Any]],
    prices: Mapping[str, float],
    policy: Policy,
) -> list[dict[str, Any]]:
    products = product_codes(fitted + offered, prices)
    price = np.array([prices.get(code, 0) for code in products])
    found = associate(patterns(fitted, products))
    chances = shrunk(found, policy.next_services.prior_customers)
    asked = patterns(offered, products)
    reasons = best_reasons(asked.held, chances)
    probability = np.take_along_axis(chances, reasons, axis=0)
    tops = ranked(probability * price, asked.eligible)
    rows = []
    for number, (row, top) in enumerate(zip(offered, tops, strict=True)):
        for rank, product in enumerate(top[top >= 0], start=1):
            why = reasons[number, product]
            held, followed = (
                int(of[why, product]) for of in (found.held_counts, found.followed_counts)
            )
            base = float(found.base[product])
            rows.append(
                {
                    "held_codes": row["held_codes"],
                    "cancelled_codes": row["cancelled_codes"],
                    "rank": rank,
                    "product_code": products[product],
                    "probability": float(probability[number, product]),
                    "base_probability": base,
                    "monthly_price": float(price[product]),
                    "reason": (
                        f"Of {held} customers with {products[why]}, {followed} took "
                        f"{products[product]} within {policy.next_services.horizon_days} days; "
                        f"of 100 customers in all, {100 * base:.1f}."
                    ),
                    "evidence_count": held,
                }
            )
    return rows


def product_codes(rows: list[dict[str, Any]], prices: Mapping[str, float]) -> list[str]:
    """Every product of the patterns and of the prices, in the order of their codes."""
    named = {"held_codes", "cancelled_codes", "taken_codes"}
    listed = "|".join(row[name] for row in rows for name in sorted(named))
    return sorted({code for code in listed.split("|") if code} | set(prices))


NEXT_BEST_SERVICES = Estimator("next_best_services", (PATTERNS, PRICES), SCHEMA, run)
