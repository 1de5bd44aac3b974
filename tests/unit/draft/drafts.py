"""Drafts of files that a test writes itself."""

from __future__ import annotations

from pathlib import Path

from saydo.config import Feed, Feeds, load_feeds
from saydo.draft import Draft, draft_feeds, to_yaml


def draft_of(folder: Path, files: dict[str, str | bytes]) -> Draft:
    """The draft of files below a landing folder."""
    given = []
    for name, content in files.items():
        path = folder / "landing" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        given.append((path, name))
    return draft_feeds(given)


def feeds_of(folder: Path, files: dict[str, str | bytes]) -> Feeds:
    """The feeds.yml of a draft, as the configuration reads it."""
    (folder / "feeds.yml").write_text(to_yaml(draft_of(folder, files)))
    return load_feeds(folder / "feeds.yml")


def feed_of(folder: Path, files: dict[str, str | bytes], source: str) -> Feed:
    """The only feed of a canonical table in a draft."""
    (feed,) = [feed for feed in feeds_of(folder, files).feeds if feed.source == source]
    return feed


ACCOUNTS = "id,opened\nA1,2025-01-01\nA2,2025-01-02\nA3,2025-01-03\n"
