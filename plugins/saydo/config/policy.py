"""policy.yml: every threshold a user may move, with its default."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from saydo.config.chain import ChainPolicy
from saydo.config.experiments import ExperimentsPolicy
from saydo.config.recovery import RecoveryPolicy
from saydo.config.scorecard import ScorecardPolicy
from saydo.config.types import Ratio, Strict

TransactionType = Literal["charge", "payment", "refund", "credit", "one_off"]


def _rising(edges: tuple[int, ...]) -> tuple[int, ...]:
    if list(edges) != sorted(set(edges)):
        raise ValueError("edges of bands rise from one to the next")
    return edges


def _named_once(attributes: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(attributes)) < len(attributes):
        raise ValueError("an attribute is named twice")
    return attributes


# What customer_months says of a customer in a month.
Attribute = Literal[
    "customer_type", "region_code", "plan_code", "tenure_band", "age_band", "experience_band",
    "latest_satisfaction_band", "acquisition_month_start_date",
]  # fmt: skip
Attributes = Annotated[tuple[Attribute, ...], AfterValidator(_named_once)]


class SatisfactionPolicy(Strict):
    """Bands of the 0-10 satisfaction score."""

    dissatisfied_below: float = 5
    fan_from: float = 9


class ProfilePolicy(Strict):
    """Thresholds of the customer profile."""

    fault_day_outage_minutes: float = 30
    usage_shift_ratio: float = 0.5
    contract_ending_days: int = 60
    tenure_band_months: Annotated[
        tuple[Annotated[int, Field(ge=1)], ...], Field(min_length=1), AfterValidator(_rising)
    ] = (6, 12, 24, 60)
    poor_experience_below: float = 50
    good_experience_from: float = 80


class SegmentsPolicy(Strict):
    """The columns of customer_months that figures are told apart by, table by table."""

    revenue: Attributes = (
        "plan_code", "region_code", "tenure_band", "latest_satisfaction_band",
        "acquisition_month_start_date",
    )  # fmt: skip
    satisfaction: Attributes = (
        "region_code", "plan_code", "tenure_band", "age_band", "experience_band",
    )  # fmt: skip


class WeightingPolicy(Strict):
    """The margins in which weighted answers look like the active customers, and the limits."""

    margins: Annotated[Attributes, Field(min_length=3)] = (
        "region_code", "tenure_band", "plan_code", "experience_band", "customer_type",
    )  # fmt: skip
    min_level_answers: Annotated[int, Field(ge=1)] = 20
    max_weight: Annotated[float, Field(gt=1)] = 5
    tolerance: Annotated[float, Field(gt=0, le=0.01)] = 0.0001
    max_iterations: Annotated[int, Field(ge=1)] = 200
    bias_delta: Annotated[float, Field(ge=0, le=10)] = 2
    small_cell_answers: Annotated[int, Field(ge=1)] = 30


class EventsPolicy(Strict):
    """What is an event of a customer's life."""

    transaction_types: Annotated[tuple[TransactionType, ...], Field(min_length=1)] = (
        "refund",
        "credit",
        "one_off",
    )


class JourneysPolicy(Strict):
    """How lives are cut into journeys, and of how many customers a path is told."""

    gap_days: Annotated[int, Field(ge=1, le=365)] = 14
    answer_days: Annotated[int, Field(ge=1, le=365)] = 90
    min_customers: Annotated[int, Field(ge=2)] = 50


class FluxPolicy(Strict):
    """What counts as a change of spend, and of how many customers a signal is measured."""

    spend_change_ratio: Annotated[float, Field(gt=0, le=1)] = 0.05
    min_customers: Annotated[int, Field(ge=2)] = 50


class NextServicesPolicy(Strict):
    """Within how many days a service is the next one, and how much few customers say of it.

    The variants of `offer_experiments` are services that were shown by chance.
    """

    horizon_days: Annotated[int, Field(ge=1, le=365)] = 90
    prior_customers: Annotated[float, Field(gt=0)] = 50
    offer_experiments: tuple[str, ...] = ()


class InfluencePolicy(Strict):
    """How little few changes of a customer say of whether others follow."""

    prior_changes: Annotated[int, Field(ge=1)] = 10


class IdentityPolicy(Strict):
    """Guards of identity resolution."""

    max_component_accounts: Annotated[int, Field(ge=2)] = 50
    link_without_attributes: bool = True
    placeholder_persons: Annotated[int, Field(ge=2)] = 20
    placeholder_multiple: Annotated[int, Field(ge=1)] = 10


class LinkagePolicy(Strict):
    """Links proposed from likeness of the clear text; off unless switched on."""

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
    approve_warnings: bool = False
    approve_within_hours: Annotated[int, Field(ge=1, le=168)] = 12


class LandingPolicy(Strict):
    """What landing does about a changed mapping, a refused or late source, no key, a session."""

    reland: Literal["land", "ask"] = "land"
    on_refusal: Literal["hold", "go_on_without"] = "hold"
    on_late: Literal["tell", "refuse"] = "tell"
    max_key_conflict_ratio: Ratio = 0.01
    # What a session counts for reaches from its month into the next one at most.
    max_session_hours: Annotated[int, Field(ge=1, le=672)] = 168


class RetentionPolicy(Strict):
    """How many releases and how many days of history are kept."""

    keep_releases: Annotated[int, Field(ge=1)] = 14
    keep_release_days: Annotated[int, Field(ge=1)] = 90
    keep_raw_days: Annotated[int, Field(ge=1)] | None = None
    keep_quarantine_days: Annotated[int, Field(ge=1)] = 180
    keep_outbox_days: Annotated[int, Field(ge=1)] = 90
    keep_lineage_days: Annotated[int, Field(ge=1)] = 30


class Policy(Strict):
    """The whole of policy.yml: thresholds, each with its reason beside it in the file."""

    satisfaction: SatisfactionPolicy = SatisfactionPolicy()
    profile: ProfilePolicy = ProfilePolicy()
    segments: SegmentsPolicy = SegmentsPolicy()
    weighting: WeightingPolicy = WeightingPolicy()
    scorecard: ScorecardPolicy = ScorecardPolicy()
    chain: ChainPolicy = ChainPolicy()
    experiments: ExperimentsPolicy = ExperimentsPolicy()
    recovery: RecoveryPolicy = RecoveryPolicy()
    events: EventsPolicy = EventsPolicy()
    journeys: JourneysPolicy = JourneysPolicy()
    flux: FluxPolicy = FluxPolicy()
    next_services: NextServicesPolicy = NextServicesPolicy()
    influence: InfluencePolicy = InfluencePolicy()
    identity: IdentityPolicy = IdentityPolicy()
    linkage: LinkagePolicy = LinkagePolicy()
    landing: LandingPolicy = LandingPolicy()
    gate: GatePolicy = GatePolicy()
    retention: RetentionPolicy = RetentionPolicy()
