"""publish.yml: how releases are served beside their files, and what of a home a store keeps."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field, field_validator

from saydo.config.types import Name, Strict

_PART = r"[A-Za-z0-9][\w.=-]*"
_STORE = re.compile(rf"(?:s3|az|gs)://{_PART}(?:/{_PART})*")

Kept = Literal["releases", "raw", "quarantine", "restricted", "landing"]


class PostgresTarget(Strict):
    """How PostgreSQL is served. Its address is a secret, and comes from the environment alone."""

    keep_releases: Annotated[int, Field(ge=1, le=100)] = 2
    reader_role: Name = "saydo_reader"
    lock_timeout_ms: Annotated[int, Field(ge=1, le=10_000)] = 20
    wait_for_readers_seconds: Annotated[float, Field(ge=0, le=3600)] = 60


class StoreTarget(Strict):
    """Which object store is served, and how. Its credentials come from the environment alone.

    `keep` names what stays there: releases always, and folders of the home. With any of these go
    the small files of state/ that nothing else knows, so that the home can be brought back.
    """

    address: str | None = None
    keep: tuple[Kept, ...] = ("releases",)
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

    @field_validator("keep")
    @classmethod
    def _is_whole(cls, value: tuple[Kept, ...]) -> tuple[Kept, ...]:
        if "releases" not in value:
            raise ValueError("releases are always kept: name them, too")
        if len(value) > 1 and "raw" not in value:
            raise ValueError("raw is missing: without it, the rest brings no home back")
        return tuple(sorted(set(value)))

    @property
    def folders(self) -> tuple[str, ...]:
        """The folders of the home that are kept."""
        return tuple(name for name in self.keep if name != "releases")


class Publish(Strict):
    """The whole of publish.yml."""

    postgres: PostgresTarget = PostgresTarget()
    store: StoreTarget = StoreTarget()
