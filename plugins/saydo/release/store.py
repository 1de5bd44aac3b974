"""Where releases are, and which one is current."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

from saydo.durable import replace_link
from saydo.errors import ConfigError
from saydo.settings import Settings

RELEASE_ID = re.compile(r"r\d{14}-[0-9a-f]{8}")
MANIFEST = "manifest.json"


def releases_dir(settings: Settings) -> Path:
    """published/releases."""
    return settings.published / "releases"


def release_dir(settings: Settings, release_id: str) -> Path:
    """The folder of a kept release.

    Raises:
        ConfigError: the id is malformed or not kept; the kept ones are named.
    """
    if not RELEASE_ID.fullmatch(release_id) or release_id not in release_ids(settings):
        kept = ", ".join(reversed(release_ids(settings))) or "none"
        raise ConfigError(
            f"there is no release {release_id!r}; kept releases, newest first: {kept}"
        )
    return releases_dir(settings) / release_id


def release_ids(settings: Settings) -> list[str]:
    """Ids of the kept releases, oldest first (they sort by the time of publishing)."""
    folder = releases_dir(settings)
    if not folder.is_dir():
        return []
    return sorted(
        path.name
        for path in folder.iterdir()
        if RELEASE_ID.fullmatch(path.name) and (path / MANIFEST).is_file()
    )


def current_link(settings: Settings) -> Path:
    """published/current, the pointer that readers follow."""
    return settings.published / "current"


def current_release_id(settings: Settings) -> str | None:
    """The release that readers see, or None before the first publish."""
    link = current_link(settings)
    if not (link / MANIFEST).is_file():
        return None
    return link.readlink().name


def point_current(settings: Settings, release_id: str) -> None:
    """Move readers to a release in one step. The caller holds the home."""
    replace_link(current_link(settings), Path("releases") / release_id)


def read_manifest(settings: Settings, release_id: str | None = None) -> dict[str, Any]:
    """The manifest of a release, by default of the current one.

    Raises:
        ConfigError: no such release, or nothing published yet.
    """
    release_id = release_id or current_release_id(settings)
    if release_id is None:
        raise ConfigError(
            f"nothing is published below {settings.published.name}/ yet; run `saydo run`"
        )
    text = (release_dir(settings, release_id) / MANIFEST).read_text(encoding="utf-8")
    return json.loads(text)


def remove_leftovers(settings: Settings) -> int:
    """Remove what killed publishers left behind, and count it. The caller holds the home."""
    count = 0
    for folder in (settings.published, releases_dir(settings)):
        for path in folder.glob(".tmp-*"):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
            count += 1
    return count
