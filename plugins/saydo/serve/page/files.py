"""Pages beside a release's tables, for a server that shows them: these and no other file."""

from __future__ import annotations

from pathlib import Path

from saydo.errors import ConfigError
from saydo.release import current_release_id, release_dir
from saydo.settings import Settings

CURRENT = "current"
MEDIA_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
_FOLDERS = ("report", "docs")


def release_page(settings: Settings, release_id: str, path: str) -> Path:
    """The file of a kept release that a path names.

    Args:
        settings: where the releases are.
        release_id: a kept release, or `current`.
        path: relative to the release; below report/ or docs/, of a kind of MEDIA_TYPES.

    Raises:
        ConfigError: no such release is kept, or it has no such page. Tables, the registry, what is
            hidden and what lies elsewhere, through whatever link or dots, is no page.
    """
    if release_id == CURRENT:
        release_id = current_release_id(settings) or release_id
    folder = release_dir(settings, release_id).resolve()
    no_page = ConfigError(f"release {release_id} has no page of that name")
    parts = path.split("/")
    if parts[0] not in _FOLDERS or any(_is_odd(part) for part in parts):
        raise no_page
    try:
        file = folder.joinpath(*parts).resolve()
        is_page = file.is_relative_to(folder / parts[0]) and file.is_file()
    except (OSError, RuntimeError) as error:  # a name too long, links in a circle
        raise no_page from error
    if not is_page or file.suffix not in MEDIA_TYPES:
        raise no_page
    return file


def has_page(settings: Settings, release_id: str, path: str) -> bool:
    """Whether a kept release has a page of that path."""
    try:
        release_page(settings, release_id, path)
    except ConfigError:
        return False
    return True


def _is_odd(part: str) -> bool:
    """Whether a part of a path is empty, hidden, a way up, or no plain name."""
    return not part or part.startswith(".") or not part.isprintable() or "\\" in part
