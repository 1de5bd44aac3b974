"""What a user may configure: feeds.yml, policy.yml and the SAYDO_ environment, all typed.

Every key is checked; a misspelt one is an error that names the nearest valid key.
"""

from __future__ import annotations

import difflib
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from zoneinfo import ZoneInfo, available_timezones

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from saydo.contract import SOURCES
from saydo.errors import ConfigError

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
M = TypeVar("M", bound=BaseModel)
Ratio = Annotated[float, Field(ge=0, le=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _known_zone(zone: str) -> str:
    if zone not in available_timezones():
        near = difflib.get_close_matches(zone, available_timezones(), 1)
        raise ValueError(
            f"unknown time zone {zone!r}" + (f"; did you mean {near[0]!r}?" if near else "")
        )
    return zone


class Business(_Strict):
    """The user's business: zone of its calendar days, the currency reported in, the as-of rule."""

    timezone: Annotated[str, AfterValidator(_known_zone)] = "UTC"
    reporting_currency: Currency = "EUR"
    as_of: Literal["latest", "run"] | date = "latest"

    @property
    def zone(self) -> ZoneInfo:
        """The business time zone."""
        return ZoneInfo(self.timezone)


class IdentifierType(_Strict):
    """Policy of one id_type: what it may link, and whether it must be pseudonymised."""

    is_personal: bool = True
    is_shareable: bool = False
    is_anchor: bool = False
    normaliser: Literal["email", "msisdn", "none"] = "none"
    max_customers: Annotated[int, Field(ge=1)] = 1
    quarantine_days: Annotated[int, Field(ge=0)] = 0


class Measure(_Strict):
    """A column of network_usage_daily and how it is rolled up."""

    name: Name
    aggregate: Literal["sum", "max", "mean"] = "sum"
    weight: Name | None = None

    @model_validator(mode="after")
    def _mean_has_weight(self) -> Measure:
        if (self.aggregate == "mean") != (self.weight is not None):
            raise ValueError("`weight` goes with `aggregate: mean`, and only with it")
        return self


class Kpi(_Strict):
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


class Expect(_Strict):
    """What a delivery must satisfy to be loaded."""

    min_rows: Annotated[int, Field(ge=0)] = 1
    max_reject_ratio: Ratio = 0.01


class Feed(_Strict):
    """Which files, which canonical table, and one SQL expression per canonical column."""

    name: Name
    source: str
    path: str
    format: Literal["csv", "parquet", "json"]
    options: dict[str, str | int | bool | list[str]] = {}
    delivery: Literal["incremental", "snapshot"] = "incremental"
    timezone: Annotated[str, AfterValidator(_known_zone)] = "UTC"
    where: str | None = None
    columns: dict[str, str]
    expect: Expect = Expect()

    @field_validator("source")
    @classmethod
    def _known_source(cls, source: str) -> str:
        if source not in SOURCES:
            raise ValueError(_unknown("canonical table", source, SOURCES))
        return source

    @field_validator("path")
    @classmethod
    def _stays_below_landing(cls, path: str) -> str:
        if path.startswith("/") or ".." in Path(path).parts:
            raise ValueError(
                "a path is a glob below landing/ or an object-store URL; no '..' and no leading '/'"
            )
        return path


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
    *(Measure(name=name) for name in _SUMMED),
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


class Feeds(_Strict):
    """The whole of feeds.yml. The dictionaries add to the built-in entries and override by name."""

    business: Business = Business()
    questions: dict[str, str] = {}
    identifier_types: dict[Name, IdentifierType] = {}
    measures: list[Measure] = []
    kpis: list[Kpi] = []
    feeds: list[Feed]

    @model_validator(mode="after")
    def _consistent(self) -> Feeds:
        names = [feed.name for feed in self.feeds]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"feed names must be unique; given twice: {', '.join(sorted(twice))}")
        for code, role in self.questions.items():
            if role not in QUESTION_ROLES:
                raise ValueError(f"questions.{code}: " + _unknown("role", role, QUESTION_ROLES))
        known = [measure.name for measure in self.all_measures]
        for measure in self.all_measures:
            if measure.weight and measure.weight not in known:
                raise ValueError(
                    f"measures.{measure.name}.weight: " + _unknown("measure", measure.weight, known)
                )
        for feed in self.feeds:
            self._check_columns(feed, known)
        return self

    def _check_columns(self, feed: Feed, measures: list[str]) -> None:
        source = SOURCES[feed.source]
        valid = [column.name for column in source.columns] + (
            measures if source.has_measures else []
        )
        for name in feed.columns:
            if name not in valid:
                raise ValueError(f"feeds.{feed.name}.columns: " + _unknown("column", name, valid))
        missing = [c.name for c in source.columns if c.is_required and c.name not in feed.columns]
        if missing:
            raise ValueError(
                f"feeds.{feed.name}.columns: {feed.source} requires {', '.join(missing)}; "
                "add one SQL expression for each"
            )

    @property
    def all_questions(self) -> dict[str, str]:
        """question_code to role."""
        return BUILT_IN_QUESTIONS | self.questions

    @property
    def all_identifier_types(self) -> dict[str, IdentifierType]:
        """id_type to its policy."""
        return BUILT_IN_IDENTIFIERS | self.identifier_types

    @property
    def all_measures(self) -> tuple[Measure, ...]:
        """Built-in measures, then the user's; the user's win by name."""
        return tuple({m.name: m for m in (*BUILT_IN_MEASURES, *self.measures)}.values())

    @property
    def all_kpis(self) -> tuple[Kpi, ...]:
        """Built-in KPIs, then the user's; the user's win by name."""
        return tuple({k.name: k for k in (*BUILT_IN_KPIS, *self.kpis)}.values())

    def feed(self, name: str) -> Feed:
        """The feed of that name.

        Raises:
            ConfigError: there is none; the nearest name is given.
        """
        for feed in self.feeds:
            if feed.name == name:
                return feed
        raise ConfigError(_unknown("feed", name, [feed.name for feed in self.feeds]))


class SatisfactionPolicy(_Strict):
    """Bands of the 0-10 satisfaction score."""

    dissatisfied_below: float = 5
    fan_from: float = 9


class ProfilePolicy(_Strict):
    """Thresholds of the customer profile."""

    fault_day_outage_minutes: float = 30
    usage_shift_ratio: float = 0.5
    contract_ending_days: int = 60


class IdentityPolicy(_Strict):
    """Guards of identity resolution."""

    max_component_accounts: Annotated[int, Field(ge=2)] = 50
    link_without_attributes: bool = True


class GatePolicy(_Strict):
    """Tolerances of the gates."""

    max_future_days: int = 0
    max_null_ratio: Ratio = 0.05
    max_orphan_ratio: Ratio = 0.05
    warn_orphan_ratio: Ratio = 0.005
    warn_volume_change_ratio: Ratio = 0.5
    max_volume_change_ratio: Ratio = 0.8
    max_sentinel_ratio: Ratio = 0.05


class RetentionPolicy(_Strict):
    """How many releases and how many days of history are kept."""

    keep_releases: Annotated[int, Field(ge=1)] = 14
    keep_release_days: Annotated[int, Field(ge=1)] = 90
    keep_raw_days: Annotated[int, Field(ge=1)] | None = None
    keep_quarantine_days: Annotated[int, Field(ge=1)] = 180


class Policy(_Strict):
    """The whole of policy.yml: thresholds, each with its reason beside it in the file."""

    satisfaction: SatisfactionPolicy = SatisfactionPolicy()
    profile: ProfilePolicy = ProfilePolicy()
    identity: IdentityPolicy = IdentityPolicy()
    gate: GatePolicy = GatePolicy()
    retention: RetentionPolicy = RetentionPolicy()


def _unknown(kind: str, name: str, valid: Any) -> str:
    near = difflib.get_close_matches(name, list(valid), 1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}?" if near else f"valid: {', '.join(valid)}"
    return f"unknown {kind} {name!r}; {hint}"


def _model_at(model: type[BaseModel], location: tuple[Any, ...]) -> type[BaseModel] | None:
    """The model class that holds the key at `location`, found by walking the annotations."""
    here: Any = model
    for part in location[:-1]:
        if isinstance(part, int):
            continue
        if isinstance(here, type) and issubclass(here, BaseModel) and part in here.model_fields:
            annotation = here.model_fields[part].annotation
            found = [
                a for a in (annotation, *getattr(annotation, "__args__", ())) if isinstance(a, type)
            ]
            models = [a for a in found if issubclass(a, BaseModel)]
            here = models[0] if models else None
    return here if isinstance(here, type) and issubclass(here, BaseModel) else None


def _explain(error: ValidationError, model: type[BaseModel], file: Path) -> str:
    lines = []
    for item in error.errors(include_url=False):
        where = ".".join(str(part) for part in item["loc"]) or "(file)"
        message = item["msg"].removeprefix("Value error, ")
        if item["type"] == "extra_forbidden":
            owner = _model_at(model, item["loc"])
            message = _unknown("key", str(item["loc"][-1]), owner.model_fields if owner else ())
        lines.append(f"  {where}: {message}")
    return f"{file} is not valid:\n" + "\n".join(lines)


def _load(model: type[M], file: Path) -> M:
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{file} does not exist; name an existing file or create it") from None
    except yaml.YAMLError as error:
        raise ConfigError(f"{file} is not valid YAML: {error}") from None
    try:
        return model.model_validate(content or {})
    except ValidationError as error:
        raise ConfigError(_explain(error, model, file)) from None


def load_feeds(file: Path) -> Feeds:
    """Read and check a feeds.yml.

    Raises:
        ConfigError: unreadable or invalid; every problem is listed with its place.
    """
    return _load(Feeds, file)


def load_policy(file: Path) -> Policy:
    """Read and check a policy.yml. Raises ConfigError as `load_feeds` does."""
    return _load(Policy, file)
