"""The part of policy.yml that says how experiments are read."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from saydo.config.types import Ratio, Strict

Share = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class ExperimentsPolicy(Strict):
    """Which variant others are held against, over how long, and what makes a readout invalid.

    `control_variants` are tried in order, in any case; the first that an experiment has is its
    control. `planned_shares` are by experiment and variant, in any unit; an experiment that is not
    there was planned with equal shares.
    """

    control_variants: Annotated[tuple[str, ...], Field(min_length=1)] = (
        "control", "holdout", "placebo", "baseline",
    )  # fmt: skip
    planned_shares: dict[str, dict[str, Share]] = Field(default_factory=dict)
    horizon_months: Annotated[int, Field(ge=1, le=24)] = 3
    sample_ratio_alpha: Ratio = 0.001
    max_two_variant_ratio: Ratio = 0.01
    min_customers: Annotated[int, Field(ge=2)] = 30
    min_first_stage_t: Annotated[float, Field(ge=2)] = 3
