"""The part of policy.yml about the chain from service to satisfaction to behaviour to revenue."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Literal, NamedTuple

from pydantic import AfterValidator, Field

from saydo.config.types import Ratio, Strict

# Questions, by role, that may be a link of the chain beside overall satisfaction.
Question = Literal[
    "recommend", "network_satisfaction", "price_satisfaction", "stated_stay_intent",
    "stated_spend_intent",
]  # fmt: skip
# What customer_months says of a customer in a month that effects are told apart by.
Segment = Literal[
    "customer_type", "region_code", "plan_code", "tenure_band", "age_band",
    "latest_satisfaction_band",
]  # fmt: skip
_SERVICE = ("service", "service_before")
_SPENDING = ("revenue", "new_services")
_SIDES = ("below", "above")
_SPLIT = tuple(f"{name}_{part}" for part in ("deviation", "mean") for name in (*_SIDES, "service"))


def _once(names: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(names)) < len(names):
        raise ValueError("one is named twice")
    return names


class ChainPolicy(Strict):
    """How effects are estimated, in which units, and what is enough to publish one."""

    edge: Annotated[float, Field(gt=0, lt=10)] = 6.0
    service_change: Annotated[float, Field(gt=0, le=100)] = 10.0
    satisfaction_change: Annotated[float, Field(gt=0, le=10)] = 1.0
    kpi_change_ratio: Annotated[float, Field(gt=0, le=1)] = 0.1
    margin_ratio: Annotated[float, Field(gt=0, le=1)] = 1.0
    min_customers: Annotated[int, Field(ge=2)] = 200
    min_months: Annotated[int, Field(ge=2)] = 3
    lead_alpha: Ratio = 0.01
    selection_tilts: Annotated[
        tuple[Annotated[float, Field(ge=-2, le=2)], ...], AfterValidator(_once)
    ] = (0.4, 0.8)
    segments: Annotated[tuple[Segment, ...], AfterValidator(_once)] = (
        "latest_satisfaction_band", "plan_code", "tenure_band", "region_code",
    )  # fmt: skip
    min_segment_customers: Annotated[int, Field(ge=2)] = 50
    questions: Annotated[tuple[Question, ...], AfterValidator(_once)] = ()


class Sample(NamedTuple):
    """Rows of the panel in which all `variables` are known, and what is summed of them.

    Products are of the variables in this order. `tilt` k weighs a row by e^(-k x satisfaction).
    Of a sample that is not `is_within` only sums of the values themselves are made, not of their
    distances from the customer's mean.
    """

    code: str
    variables: tuple[str, ...]
    tilt: float = 0
    is_within: bool = True
    has_segments: bool = False


def chain_samples(
    policy: ChainPolicy, kpis: Iterable[str], tenure_months: Sequence[int]
) -> list[Sample]:
    """Every regression of the chain, by the rows and variables it needs.

    Args:
        policy: which questions are links, and how answers are tilted.
        kpis: names of the KPIs that are delivered.
        tenure_months: edges of the bands of months since the first payment.
    """
    parts = tuple(f"kpi_{name}" for name in kpis)
    answers = ("satisfaction", *_SERVICE)
    samples = [
        Sample("cross_section", ("satisfaction", "service"), is_within=False),
        Sample("satisfaction", answers),
        *(
            Sample(f"satisfaction_tilted_{number}", answers, tilt)
            for number, tilt in enumerate(policy.selection_tilts, 1)
        ),
        Sample("satisfaction_leads", (*answers, "service_after")),
        Sample("spending", (*_SPENDING, *_SIDES, "service"), has_segments=True),
        Sample(
            "spending_leads",
            (*_SPENDING, *_SIDES, "service", "service_after", "service_later"),
        ),
        Sample(
            "churn",
            ("churned", *_SPLIT, *(f"tenure_{months}" for months in tenure_months)),
            is_within=False,
        ),
    ]
    if parts:
        samples += [
            Sample("parts", ("satisfaction", *parts)),
            Sample("spending_parts", (*_SPENDING, *_SIDES, *parts)),
        ]
    for question in policy.questions:
        samples += [
            Sample(f"question_{question}", (question, *_SERVICE)),
            Sample(f"spending_{question}", (*_SPENDING, question, "service")),
        ]
    return samples
