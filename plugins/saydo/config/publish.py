"""publish.yml: how releases are served beside their files."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field, field_validator

from saydo.config.types import Name, Strict

_PART = r"[A-Za-z0-9][\w.=-]*"
_STORE = re.compile(rf"(?:s3|az|gs)://{_PART}(?:/{_PART})*")


class PostgresTarget(Strict):
    """How PostgreSQL is served. Its address is a secret, and comes from the environment alone."""

    keep_releases: Annotated[int, Field(ge=1, le=100)] = 2
    reader_role: Name = "saydo_reader"
    lock_timeout_ms: Annotated[int, Field(ge=1, le=10_000)] = 20
    wait_for_readers_seconds: Annotated[float, Field(ge=0, le=3600)] = 60


class StoreTarget(Strict):
    """Which object store is served, and how. Its credentials come from the environment alone."""

    address: str | None = None
    keep_releases: Annotated[int, Field(ge=1, le=100)] = 2
    # Requests are signed once, and a signature holds for some minutes.
    wait_for_store_seconds: Annotated[float, Field(ge=0, le=290)] = 180

    @field_validator("address")
    @classmethod
    def _is_address(cls, value: str | None) -> str | None:
        text = (value or "").strip().rstrip("/")
        # The value is not told: somebody may have written a key into it.
        if text and not _STORE.fullmatch(text):
            raise ValueError(
                "give s3://bucket/prefix, az://container/prefix or gs://bucket/prefix, in letters, "
                "digits and . _ = -, and no account, key or password: the environment has them"
            )
        return text or None


class Publish(Strict):
    """The whole of publish.yml."""

    postgres: PostgresTarget = PostgresTarget()
    store: StoreTarget = StoreTarget()
