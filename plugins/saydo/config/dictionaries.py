"""The dictionaries of a user's world, and the entries that are built in.

Question roles, identifier policies, measures and KPIs. The user's entries are added to the built-in
ones and win by name.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from saydo.config.measure_names import taken_by
from saydo.config.types import Name, Strict


class IdentifierType(Strict):
    """Policy of one id_type: what it may link, and whether it must be pseudonymised."""

    is_personal: bool = True
    is_shareable: bool = False
    is_anchor: bool = False
    normaliser: Literal["email", "msisdn", "none"] = "none"
    max_customers: Annotated[int, Field(ge=1)] = 1
    quarantine_days: Annotated[int, Field(ge=0)] = 0


class Measure(Strict):
    """A column of network usage and how it is rolled up; a signed one may be negative.

    A duration is time within a session: of one over midnight each day has its part.
    """

    name: Name
    aggregate: Literal["sum", "max", "mean"] = "sum"
    weight: Name | None = None
    is_signed: bool = False
    is_duration: bool = False

    @field_validator("name")
    @classmethod
    def _can_be_a_column(cls, name: str) -> str:
        if taken := taken_by(name):
            raise ValueError(
                f"{name!r} is {taken}; give the measure another name, such as 'measured_"
                + name.replace("__", "_").removesuffix("_kpi_score").removesuffix("_date")
                + "_value', here and in the feeds"
            )
        return name

    @model_validator(mode="after")
    def _mean_has_weight(self) -> Measure:
        if (self.aggregate == "mean") != (self.weight is not None):
            raise ValueError("`weight` goes with `aggregate: mean`, and only with it")
        return self

    @model_validator(mode="after")
    def _duration_adds_up(self) -> Measure:
        if self.is_duration and (self.aggregate != "sum" or self.is_signed):
            raise ValueError("`is_duration` goes with `aggregate: sum`, and not with `is_signed`")
        return self


class Kpi(Strict):
    """A rate built from measures; `good` scores 100, `poor` scores 0, linear between."""

    name: Name
    expression: str
    good: float
    poor: float
    weight: Annotated[float, Field(gt=0)] = 1.0

    @model_validator(mode="after")
    def _differs(self) -> Kpi:
        if self.good == self.poor:
            raise ValueError("`good` and `poor` must differ")
        return self


QUESTION_ROLES = (
    "overall_satisfaction",
    "recommend",
    "network_satisfaction",
    "price_satisfaction",
    "stated_stay_intent",
    "stated_spend_intent",
    "cancel_reason",
    "other",
)

BUILT_IN_QUESTIONS = {role: role for role in QUESTION_ROLES} | {
    "overall": "overall_satisfaction",
    "nps": "recommend",
}

BUILT_IN_IDENTIFIERS = {
    "account_id": IdentifierType(is_anchor=True),
    "email": IdentifierType(is_shareable=True, normaliser="email", max_customers=5),
    "msisdn": IdentifierType(
        is_shareable=True, normaliser="msisdn", max_customers=5, quarantine_days=30
    ),
    "imsi": IdentifierType(),
    "device_id": IdentifierType(is_shareable=True, max_customers=5),
    "panel_id": IdentifierType(),
    "loyalty_id": IdentifierType(),
    "cookie_id": IdentifierType(is_shareable=True, max_customers=5),
}

_SUMMED = (
    "session_count",
    "failed_session_count",
    "dropped_session_count",
    "stall_seconds",
    "usage_minutes",
    "traffic_mb",
    "outage_minutes",
)
BUILT_IN_MEASURES = (
    *(Measure(name=name, is_duration=name == "usage_minutes") for name in _SUMMED),
    Measure(name="throughput_mbps", aggregate="mean", weight="session_count"),
    Measure(name="latency_ms", aggregate="mean", weight="session_count"),
)

BUILT_IN_KPIS = (
    Kpi(
        name="failed_sessions", expression="failed_session_count / session_count", good=0, poor=0.10
    ),
    Kpi(
        name="dropped_sessions",
        expression="dropped_session_count / session_count",
        good=0,
        poor=0.10,
    ),
    Kpi(name="stalling", expression="stall_seconds / (usage_minutes / 60)", good=0, poor=120),
    Kpi(name="throughput", expression="throughput_mbps", good=30, poor=2),
    Kpi(name="latency", expression="latency_ms", good=20, poor=150),
    Kpi(name="outages", expression="outage_minutes / day_count", good=0, poor=60),
)
