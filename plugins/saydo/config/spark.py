"""spark.yml: where Spark runs, for when one machine is outgrown."""

from __future__ import annotations

import re
from pathlib import Path

from pydantic import Field, field_validator, model_validator

from saydo.config.types import Strict

# What figures depend on: with another value Spark counts otherwise than DuckDB does, or loses rows.
REQUIRED = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.parquet.inferTimestampNTZ.enabled": "true",
    "spark.sql.sources.partitionColumnTypeInference.enabled": "false",
    "spark.sql.sources.partitionOverwriteMode": "DYNAMIC",
    # What a killed application left of a table is written over.
    "spark.sql.legacy.allowNonEmptyLocationInCTAS": "true",
    # A file that is not there or cannot be read is an error.
    "spark.sql.files.ignoreMissingFiles": "false",
    "spark.sql.files.ignoreCorruptFiles": "false",
    # Products keep their scale, and one that is too large is refused.
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",
}
_SECRET = re.compile(r"access\.key|secret|password|token|credential|account\.key", re.IGNORECASE)
_FROM_ENVIRONMENT = re.compile(r"\$\{env[.:]\w+\}")
_MASTER = re.compile(r"local(\[[\d*, ]+\])?|spark://[^\s/,]+:\d+(,[^\s/,]+:\d+)*|yarn|k8s://\S+")


class Spark(Strict):
    """Where Spark runs. `profiles` is a folder of the user's with a dbt profile for another way."""

    master: str = "local[*]"
    properties: dict[str, str | int | float | bool] = Field(default_factory=dict)
    profiles: Path | None = None

    @field_validator("master")
    @classmethod
    def _is_master(cls, value: str) -> str:
        if not _MASTER.fullmatch(value):
            raise ValueError(
                f"{value!r} is no master of Spark: local[*], spark://host:7077, yarn or k8s://…"
            )
        return value

    @field_validator("profiles")
    @classmethod
    def _has_profiles(cls, value: Path | None) -> Path | None:
        if value is not None and not (value / "profiles.yml").is_file():
            raise ValueError(f"there is no profiles.yml in {value}: name the folder that has it")
        return value

    @model_validator(mode="after")
    def _can_be_used(self) -> Spark:
        for name, value in self.properties.items():
            text = property_text(value)
            if name == "spark.master":
                raise ValueError("spark.master: say it as `master`")
            if name in REQUIRED and text != REQUIRED[name]:
                raise ValueError(
                    f"{name}: the figures depend on its being {REQUIRED[name]}; leave it out"
                )
            if _SECRET.search(name) and not _FROM_ENVIRONMENT.fullmatch(text):
                raise ValueError(f"{name}: name the environment variable instead, as ${{env.NAME}}")
        return self


def property_text(value: str | int | float | bool) -> str:
    """A property as Spark reads it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
