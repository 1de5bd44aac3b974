"""feeds.yml: the business, its dictionaries, and which files feed which canonical table."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator, model_validator

from saydo.config.dictionaries import (
    BUILT_IN_IDENTIFIERS,
    BUILT_IN_KPIS,
    BUILT_IN_MEASURES,
    BUILT_IN_QUESTIONS,
    QUESTION_ROLES,
    IdentifierType,
    Kpi,
    Measure,
)
from saydo.config.expect import Expect
from saydo.config.shapes import Unnest, Unpivot
from saydo.config.types import Country, Currency, Name, Strict, Zone, unknown
from saydo.contract import SOURCES
from saydo.errors import ConfigError


class Business(Strict):
    """The user's business: zone of its calendar days, the currency reported in, the as-of rule.

    `country` (ISO 3166) is where telephone numbers without a country are of.
    """

    timezone: Zone = "UTC"
    reporting_currency: Currency = "EUR"
    country: Country | None = None
    as_of: Literal["latest", "run"] | date = "latest"

    @property
    def zone(self) -> ZoneInfo:
        """The business time zone."""
        return ZoneInfo(self.timezone)


class Feed(Strict):
    """Which files, which canonical table, and one SQL expression per canonical column."""

    name: Name
    source: str
    path: str
    format: Literal["csv", "parquet", "json", "xlsx"]
    options: dict[str, str | int | bool | list[str]] = Field(default_factory=dict)
    delivery: Literal["incremental", "snapshot"] = "incremental"
    snapshot_date: str | None = None
    absent: Literal["ended", "erased"] = "ended"
    timezone: Zone | None = None  # of times that say none; None: the business's
    header_rows: Annotated[int, Field(ge=1, le=10)] = 1  # the first names the columns
    unpivot: Unpivot | None = None
    unnest: tuple[Unnest, ...] = ()
    where: str | None = None
    columns: dict[str, str]
    expect: Expect = Expect()

    @field_validator("source")
    @classmethod
    def _known_source(cls, source: str) -> str:
        if source not in SOURCES:
            raise ValueError(unknown("canonical table", source, SOURCES))
        return source

    @field_validator("path")
    @classmethod
    def _stays_below_landing(cls, path: str) -> str:
        if path.startswith("/") or ".." in Path(path).parts:
            raise ValueError(
                "a path is a glob below landing/ or an object-store URL; no '..' and no leading '/'"
            )
        return path

    @field_validator("unnest", mode="before")
    @classmethod
    def _one_step_or_several(cls, given: object) -> object:
        return (given,) if isinstance(given, dict) else given or ()

    @model_validator(mode="after")
    def _shape_fits_the_format(self) -> Feed:
        if self.header_rows > 1 and self.format not in ("csv", "xlsx"):
            raise ValueError(f"header_rows is for csv and xlsx; {self.format} names its columns")
        if self.header_rows > 1 and self.options.get("header") is False:
            raise ValueError("header_rows with options.header off: leave one of them out")
        if self.unnest and self.format not in ("json", "parquet"):
            raise ValueError(f"unnest is for json and parquet; a column of {self.format} is text")
        if self.unnest and self.unpivot:
            raise ValueError("unpivot and unnest are two shapes; give one of them")
        names = [step.as_.lower() for step in self.unnest]
        if len({*names}) < len(names):
            raise ValueError("two steps of unnest have one name (`as`); give each its own")
        return self

    @model_validator(mode="after")
    def _only_a_snapshot_is_silent(self) -> Feed:
        if self.delivery != "snapshot" and (self.snapshot_date or self.absent == "erased"):
            raise ValueError(
                "snapshot_date and absent say what a snapshot leaves out; give `delivery: snapshot`"
            )
        return self


class Feeds(Strict):
    """The whole of feeds.yml. The dictionaries add to the built-in entries and override by name."""

    business: Business = Business()
    questions: dict[str, str] = Field(default_factory=dict)
    identifier_types: dict[Name, IdentifierType] = Field(default_factory=dict)
    measures: list[Measure] = Field(default_factory=list)
    kpis: list[Kpi] = Field(default_factory=list)
    feeds: list[Feed]

    @model_validator(mode="after")
    def _consistent(self) -> Feeds:
        names = [feed.name for feed in self.feeds]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"feed names must be unique; given twice: {', '.join(sorted(twice))}")
        for code, role in self.questions.items():
            if role not in QUESTION_ROLES:
                raise ValueError(f"questions.{code}: " + unknown("role", role, QUESTION_ROLES))
        known = [measure.name for measure in self.all_measures]
        for measure in self.all_measures:
            if measure.weight and measure.weight not in known:
                raise ValueError(
                    f"measures.{measure.name}.weight: " + unknown("measure", measure.weight, known)
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
                raise ValueError(f"feeds.{feed.name}.columns: " + unknown("column", name, valid))
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

    def zone_of(self, feed: Feed) -> str:
        """The zone of the feed's times that carry none."""
        return feed.timezone or self.business.timezone

    def feed(self, name: str) -> Feed:
        """The feed of that name.

        Raises:
            ConfigError: there is none; the nearest name is given.
        """
        for feed in self.feeds:
            if feed.name == name:
                return feed
        raise ConfigError(unknown("feed", name, [feed.name for feed in self.feeds]))
