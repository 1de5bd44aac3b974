"""What a sender says of a file, in FILE.manifest.json beside it: a part of it is then no whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from saydo.config import Feed
from saydo.landing.relations import refusal

SUFFIX = ".manifest.json"
_MAX_BYTES = 1 << 20


class Manifest(BaseModel):
    """Rows of the file, and if its sender likes its size in bytes and its SHA-256 in hex.

    Other entries are the sender's own. Of a compressed file size and hash are those of the file as
    it is delivered.
    """

    model_config = ConfigDict(extra="ignore", strict=True)

    row_count: Annotated[int, Field(ge=0)] | None = None
    size: Annotated[int, Field(ge=0)] | None = None
    sha256: Annotated[str, Field(pattern="^[0-9a-fA-F]{64}$")] | None = None


def check_manifest(
    feed: Feed, file: Path, file_name: str, row_count: int, size: int, sha256: str
) -> list[str]:
    """Hold a file against its manifest, if one lies beside it.

    Args:
        feed: for the message.
        file: the delivered file.
        file_name: its name below landing/.
        row_count: its rows: all of them, those that are filtered or quarantined too.
        size: its bytes as delivered.
        sha256: its hash, in hex.

    Returns:
        sentences for the batch's warnings: the manifest cannot be read, or says nothing.

    Raises:
        DeliveryRefused: the file is not what its manifest says.
    """
    beside = file.with_name(file.name + SUFFIX)
    if not beside.is_file():
        return []
    try:
        if beside.stat().st_size > _MAX_BYTES:
            raise ValueError
        manifest = Manifest.model_validate(json.loads(beside.read_bytes()))
    except (OSError, ValueError, RecursionError, ValidationError):
        manifest = Manifest()
    given = {name: value for name, value in manifest if value is not None}
    if not given:
        return [
            f"1 manifest tells nothing: {file_name + SUFFIX!r} cannot be read, so nobody knows "
            'whether the file is whole; write {"row_count": 123} and, if you like, "size" in bytes '
            'and "sha256" in hex'
        ]
    found = {"row_count": row_count, "size": size, "sha256": sha256}
    for name, value in given.items():
        value = value.lower() if isinstance(value, str) else value
        if value != found[name]:
            raise refusal(
                feed,
                file_name,
                f"its manifest says {name} {value} and it has {found[name]}: it is not whole, or "
                "not the file that was meant",
                f"deliver it again with its {file_name + SUFFIX!r}",
            )
    return []
