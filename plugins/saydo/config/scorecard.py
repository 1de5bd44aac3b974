"""The part of policy.yml that says what satisfaction is predicted from."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, computed_field, model_validator

from saydo.config.types import Strict

# What int_drivers_banded_to_customer_months can tell of a customer in a month.
Measured = Literal[
    "experience_score", "previous_experience_score", "recent_fault_day_count",
    "recent_outage_minutes", "recent_complaint_count", "recent_contact_count", "mrr_change_ratio",
]  # fmt: skip
Known = Literal["customer_type", "region_code", "plan_code", "tenure_band", "age_band"]
Direction = Literal["increasing", "decreasing", "none"]

UNKNOWN = "unknown"  # the level of customers of whom a feature is not known


class Feature(Strict):
    """A feature: measured, with the edges of its bands, or without edges, where each value is one.

    A band begins at its edge and ends below the next.
    """

    edges: tuple[Annotated[float, Field(allow_inf_nan=False)], ...] = ()
    direction: Direction = "none"

    @computed_field
    @property
    def bands(self) -> tuple[str, ...]:
        """Names of the bands, lowest first; none of a feature without edges."""
        if not self.edges:
            return ()
        first, last = self.edges[0], self.edges[-1]
        between = (f"{low:g}_to_{high:g}" for low, high in pairwise(self.edges))
        return (f"under_{first:g}", *between, f"{last:g}_and_over")

    @model_validator(mode="after")
    def _bands_are_in_order(self) -> Feature:
        if list(self.edges) != sorted(set(self.edges)):
            raise ValueError("edges of bands rise from one to the next")
        if len({f"{edge:g}" for edge in self.edges}) < len(self.edges):
            raise ValueError("two edges are the same in the first six digits")
        if self.direction != "none" and not self.edges:
            raise ValueError("only bands between edges have an order, and so a direction")
        return self


def _features() -> dict[Measured | Known, Feature]:
    score = Feature(edges=(50, 60, 70, 80, 90), direction="increasing")
    return {
        "experience_score": score,
        "previous_experience_score": score,
        "recent_fault_day_count": Feature(edges=(1, 2, 4), direction="decreasing"),
        "recent_complaint_count": Feature(edges=(1, 2), direction="decreasing"),
        "recent_contact_count": Feature(edges=(1, 2)),
        "mrr_change_ratio": Feature(edges=(-0.05, 0.05)),
        "tenure_band": Feature(),
        "plan_code": Feature(),
    }


class ScorecardPolicy(Strict):
    """What satisfaction is predicted from, and how much is believed of few answers."""

    features: Annotated[dict[Measured | Known, Feature], Field(min_length=1)] = Field(
        default_factory=_features
    )
    shrink_answers: Annotated[float, Field(gt=0)] = 20
    min_answers: Annotated[int, Field(ge=30)] = 200

    @model_validator(mode="after")
    def _edges_are_of_what_is_measured(self) -> ScorecardPolicy:
        for name, feature in self.features.items():
            if (name in Measured.__args__) != bool(feature.edges):
                wants = "has no edges" if feature.edges else "needs edges"
                raise ValueError(f"{name}: a feature of its kind {wants}")
        return self
