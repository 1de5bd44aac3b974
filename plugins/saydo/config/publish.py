"""publish.yml: how releases are served beside their files."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from saydo.config.types import Name, Strict


class PostgresTarget(Strict):
    """How PostgreSQL is served. Its address is a secret, and comes from the environment alone."""

    keep_releases: Annotated[int, Field(ge=1, le=100)] = 2
    reader_role: Name = "saydo_reader"
    lock_timeout_ms: Annotated[int, Field(ge=1, le=10_000)] = 20
    wait_for_readers_seconds: Annotated[float, Field(ge=0, le=3600)] = 60


class Publish(Strict):
    """The whole of publish.yml."""

    postgres: PostgresTarget = PostgresTarget()
