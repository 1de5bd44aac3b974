"""policy.yml: every threshold a user may move, with its default."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from saydo.config.types import Ratio, Strict

TransactionType = Literal["charge", "payment", "refund", "credit", "one_off"]


class SatisfactionPolicy(Strict):
    """Bands of the 0-10 satisfaction score."""

    dissatisfied_below: float = 5
    fan_from: float = 9


class ProfilePolicy(Strict):
    """Thresholds of the customer profile."""

    fault_day_outage_minutes: float = 30
    usage_shift_ratio: float = 0.5
    contract_ending_days: int = 60


class EventsPolicy(Strict):
    """What is an event of a customer's life."""

    transaction_types: Annotated[tuple[TransactionType, ...], Field(min_length=1)] = (
        "refund",
        "credit",
        "one_off",
    )


class IdentityPolicy(Strict):
    """Guards of identity resolution."""

    max_component_accounts: Annotated[int, Field(ge=2)] = 50
    link_without_attributes: bool = True
    placeholder_persons: Annotated[int, Field(ge=2)] = 20
    placeholder_multiple: Annotated[int, Field(ge=1)] = 10


class LinkagePolicy(Strict):
    """Links proposed from names, birth date and address; off unless switched on."""

    is_on: bool = False
    accept_probability: Ratio = 0.9
    review_probability: Ratio = 0.5
    max_block_accounts: Annotated[int, Field(ge=2)] = 200

    @model_validator(mode="after")
    def _review_comes_before_acceptance(self) -> LinkagePolicy:
        if self.review_probability > self.accept_probability:
            raise ValueError("review_probability may not be above accept_probability")
        return self


class GatePolicy(Strict):
    """Tolerances of the gates."""

    max_future_days: int = 0
    max_null_ratio: Ratio = 0.05
    max_orphan_ratio: Ratio = 0.05
    warn_orphan_ratio: Ratio = 0.005
    warn_volume_change_ratio: Ratio = 0.5
    max_volume_change_ratio: Ratio = 0.8
    max_sentinel_ratio: Ratio = 0.05
    max_match_ratio_fall: Ratio = 0.02
    missing_days: Literal["warn", "refuse"] = "warn"


class LandingPolicy(Strict):
    """What landing does about a changed mapping, a refused source and a key that is none."""

    reland: Literal["land", "ask"] = "land"
    on_refusal: Literal["hold", "go_on_without"] = "hold"
    max_key_conflict_ratio: Ratio = 0.01


class RetentionPolicy(Strict):
    """How many releases and how many days of history are kept."""

    keep_releases: Annotated[int, Field(ge=1)] = 14
    keep_release_days: Annotated[int, Field(ge=1)] = 90
    keep_raw_days: Annotated[int, Field(ge=1)] | None = None
    keep_quarantine_days: Annotated[int, Field(ge=1)] = 180


class Policy(Strict):
    """The whole of policy.yml: thresholds, each with its reason beside it in the file."""

    satisfaction: SatisfactionPolicy = SatisfactionPolicy()
    profile: ProfilePolicy = ProfilePolicy()
    events: EventsPolicy = EventsPolicy()
    identity: IdentityPolicy = IdentityPolicy()
    linkage: LinkagePolicy = LinkagePolicy()
    landing: LandingPolicy = LandingPolicy()
    gate: GatePolicy = GatePolicy()
    retention: RetentionPolicy = RetentionPolicy()
