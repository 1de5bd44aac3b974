"""Units of effects, as they stand in each row."""

from __future__ import annotations

POINT = "point of satisfaction"

_AMOUNTS = {
    "satisfaction": "points of satisfaction (0-10)",
    "revenue": "reporting currency a month",
    "new_service": "new services a month",
    "churn": "probability of leaving within a month (0-1)",
}


def unit_of(outcome: str, per: str) -> str:
    """The unit of an effect on an outcome; the currency's code is not known to an estimator."""
    return f"{_AMOUNTS.get(outcome, f'points of {outcome}')} per {per}"
