"""The part of policy.yml that says who is credited after a fault, and how much."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from saydo.config.types import Currency, Name, Strict

# Of credits: what a day is worth is small, and an amount with more digits is a slip of the pen.
Money = Annotated[float, Field(ge=0, le=1_000_000, multiple_of=0.01)]


class DestinationPolicy(Strict):
    """Where a hand-over goes beside the outbox: an Airflow connection, and for a table its name."""

    kind: Literal["webhook", "postgres"]
    connection_id: Name
    table: Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?$")] | None = None

    @model_validator(mode="after")
    def _only_a_database_has_a_table(self) -> DestinationPolicy:
        if (self.kind == "postgres") != (self.table is not None):
            raise ValueError("a `postgres` destination names its `table`, a `webhook` none")
        return self


class RecoveryPolicy(Strict):
    """Service recovery. A change of it needs another `version`; what was decided before stands.

    Money is in the reporting currency; `currency` may name it, and no other. `factor` multiplies
    the price of the share of the day that was lost. `holdout_share` of those who would be credited
    are not, so that it can be told whether credits help.
    """

    version: Annotated[int, Field(ge=1)] = 1
    min_fault_minutes: Annotated[float, Field(gt=0, le=1440)] = 60
    look_back_days: Annotated[int, Field(ge=1, le=28)] = 7
    factor: Annotated[float, Field(gt=0, le=1000, multiple_of=0.01)] = 20
    min_credit: Money = 1
    max_credit: Money = 20
    budget_per_run: Money = 1000
    currency: Currency | None = None
    days_between_credits: Annotated[int, Field(ge=0)] = 30
    max_credits_per_year: Annotated[int, Field(ge=1)] = 4
    holdout_share: Annotated[float, Field(ge=0, lt=1)] = 0.2
    consent: Literal["analytics", "marketing", "none"] = "analytics"
    destinations: tuple[DestinationPolicy, ...] = ()

    @model_validator(mode="after")
    def _least_is_not_above_most(self) -> RecoveryPolicy:
        if self.min_credit > self.max_credit:
            raise ValueError("min_credit may not be above max_credit")
        return self
