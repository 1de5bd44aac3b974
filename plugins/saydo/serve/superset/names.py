"""Names that stay the same from bundle to bundle, so that importing one again updates."""

from __future__ import annotations

import re
from uuid import NAMESPACE_URL, UUID, uuid5

_OURS = uuid5(NAMESPACE_URL, "urn:saydo:superset")


def asset_id(kind: str, name: str) -> UUID:
    """The id of an asset: the same for the same name, in every bundle."""
    return uuid5(_OURS, f"{kind}/{name}")


def file_name(title: str) -> str:
    """A title as the name of a file."""
    return re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")
