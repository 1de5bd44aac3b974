"""Where things are: the SAYDO_ environment and the folders of a Saydo home."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from saydo.config import Feeds, Policy, load_feeds, load_policy

PROJECT = Path(__file__).resolve().parents[2]


class Settings(BaseSettings):
    """The environment, typed. Every field is read from SAYDO_<NAME>.

    `environment` is `development` on a person's own machine and `server` elsewhere; a server
    refuses default and generated secrets.
    """

    model_config = SettingsConfigDict(env_prefix="SAYDO_", extra="ignore", frozen=True)

    home: Path = PROJECT / "home"
    feeds_file: Path = PROJECT / "config" / "feeds.yml"
    policy_file: Path = PROJECT / "config" / "policy.yml"
    environment: Literal["development", "server"] = "development"
    pseudonym_key: SecretStr | None = None
    memory_limit: str = "4GB"
    threads: int = os.cpu_count() or 2

    @cached_property
    def feeds(self) -> Feeds:
        """The checked feeds.yml."""
        return load_feeds(self.feeds_file)

    @cached_property
    def policy(self) -> Policy:
        """The checked policy.yml."""
        return load_policy(self.policy_file)

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
        """Clear names for linkage, mode 0700. Nothing but linkage reads it."""
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
    def published(self) -> Path:
        """releases/<release_id>/ and the `current` pointer."""
        return self.home / "published"
