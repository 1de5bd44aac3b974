"""Where things are: the SAYDO_ environment and the folders of a Saydo home."""

from __future__ import annotations

import os
import re
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from saydo.config import (
    Bets,
    Collect,
    Feeds,
    NoticesTo,
    Policy,
    Publish,
    Segments,
    Spark,
    load_bets,
    load_collect,
    load_feeds,
    load_notices,
    load_policy,
    load_publish,
    load_segments,
    load_spark,
)

PROJECT = Path(__file__).resolve().parents[2]
# Where container engines mount secrets: saydo_pseudonym_key there is SAYDO_PSEUDONYM_KEY.
_SECRETS = Path("/run/secrets")
_MEMORY = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]i?B|%)", re.IGNORECASE)


class Settings(BaseSettings):
    """The environment, typed. Every field is read from SAYDO_<NAME>, a secret also from its file.

    `environment` is `development` on a person's own machine and `server` elsewhere; a server
    refuses default and generated secrets. `memory_limit` (a size, or a percentage of the machine)
    is what all tasks of a home may use together; `parallel_tasks` is how many of them a scheduler
    starts at one time, each of which gets its part. `engine` builds the tables; all else is done
    by DuckDB, whichever it is.
    """

    model_config = SettingsConfigDict(
        env_prefix="SAYDO_",
        secrets_dir=_SECRETS if _SECRETS.is_dir() else None,
        extra="ignore",
        frozen=True,
    )

    home: Path = PROJECT / "home"
    feeds_file: Path = PROJECT / "config" / "feeds.yml"
    policy_file: Path = PROJECT / "config" / "policy.yml"
    bets_file: Path = PROJECT / "config" / "bets.yml"
    segments_file: Path = PROJECT / "config" / "segments.yml"
    collect_file: Path = PROJECT / "config" / "collect.yml"
    notices_file: Path = PROJECT / "config" / "notices.yml"
    spark_file: Path = PROJECT / "config" / "spark.yml"
    publish_file: Path = PROJECT / "config" / "publish.yml"
    publish_postgres: SecretStr | None = None
    engine: Literal["duckdb", "spark"] = "duckdb"
    environment: Literal["development", "server"] = "development"
    pseudonym_key: SecretStr | None = None
    bi_postgres: SecretStr | None = None
    memory_limit: str = "4GB"
    parallel_tasks: int = Field(default=1, ge=1)
    threads: int = Field(default=os.cpu_count() or 2, ge=1)

    @field_validator("home")
    @classmethod
    def _is_plain_path(cls, value: Path) -> Path:
        # To the engine or to dbt's adapter each of these is a pattern or the end of a file's name,
        # however it is quoted.
        if odd := sorted(set("*?#[]{}\\\n\r") & set(str(value))):
            raise ValueError(f"its path may not hold {' '.join(map(repr, odd))}: name it otherwise")
        return value

    @field_validator("memory_limit")
    @classmethod
    def _is_memory(cls, value: str) -> str:
        if not _MEMORY.fullmatch(value.strip()):
            raise ValueError("give a size such as 4GB or 500MiB, or a percentage such as 50%")
        return value

    def memory_bytes(self, machine: int) -> float:
        """`memory_limit` in bytes, on a machine of so many."""
        number, unit = _MEMORY.fullmatch(self.memory_limit.strip()).groups()  # type: ignore[union-attr]
        if unit == "%":
            return float(number) / 100 * machine
        base = 1024 if "i" in unit.lower() else 1000
        return float(number) * base ** ("KMGT".index(unit[0].upper()) + 1)

    @cached_property
    def feeds(self) -> Feeds:
        """The checked feeds.yml."""
        return load_feeds(self.feeds_file)

    @cached_property
    def policy(self) -> Policy:
        """The checked policy.yml."""
        return load_policy(self.policy_file)

    @cached_property
    def bets(self) -> Bets:
        """The checked bets.yml."""
        return load_bets(self.bets_file)

    @cached_property
    def segments(self) -> Segments:
        """The checked segments.yml."""
        return load_segments(self.segments_file)

    @cached_property
    def collect(self) -> Collect:
        """The checked collect.yml."""
        return load_collect(self.collect_file)

    @cached_property
    def notices_to(self) -> NoticesTo:
        """The checked notices.yml."""
        return load_notices(self.notices_file)

    @cached_property
    def spark(self) -> Spark:
        """The checked spark.yml."""
        return load_spark(self.spark_file)

    @cached_property
    def publish(self) -> Publish:
        """The checked publish.yml."""
        return load_publish(self.publish_file)

    @property
    def landing(self) -> Path:
        """Files as delivered; never changed by Saydo."""
        return self.home / "landing"

    @property
    def raw(self) -> Path:
        """raw/<source>/batch=<id>/month=<YYYY-MM|all>/data.parquet, and raw/_batches/<id>.json."""
        return self.home / "raw"

    @property
    def restricted(self) -> Path:
        """Clear text, mode 0700: linkage compares it, and hand-overs name accounts by it."""
        return self.home / "restricted"

    @property
    def quarantine(self) -> Path:
        """quarantine/<source>/<batch_id>.parquet."""
        return self.home / "quarantine"

    @property
    def state(self) -> Path:
        """Small files handed from task to task: dictionaries, ledgers, gate results, the key."""
        return self.home / "state"

    @property
    def warehouse(self) -> Path:
        """The candidate warehouse: one DuckDB file that no reader opens."""
        return self.home / "warehouse.duckdb"

    @property
    def spark_tables(self) -> Path:
        """Where Spark keeps its tables: <schema>/<table>/*.parquet, and the catalog of them."""
        return self.home / "spark"

    @property
    def published(self) -> Path:
        """releases/<release_id>/ and the `current` pointer."""
        return self.home / "published"
