"""Roll back as a person decides who looks at a page: about what was shown, or not at all."""

from __future__ import annotations

from typing import Any

from saydo.errors import ConfigError
from saydo.home_lock import hold_home
from saydo.release import current_release_id, read_manifest, release_dir, rollback
from saydo.serve.following import Followed, follow
from saydo.settings import Settings


def roll_back_from(settings: Settings, release_id: str, shown_current: str) -> dict[str, Any]:
    """Make a kept release current, if the one that was shown as current still is.

    PostgreSQL and an object store follow, where there are. If one cannot, the files have moved all
    the same.

    Returns:
        as `saydo.release.rollback`, and `served`: what came of it in words, for each configured
            place.

    Raises:
        ConfigError: the release is not kept any more or is not readable, or another one has become
            current since. Nothing was changed.
        HomeBusy: somebody else changes the home. Nothing was changed.
    """
    with hold_home(settings, "a rollback from Airflow's web interface"):
        current = current_release_id(settings)
        if current != shown_current:
            raise ConfigError(
                f"{shown_current} is not current any more, but {current or 'no release'}: nothing "
                "was changed. Load the page again, then decide"
            )
        release_dir(settings, release_id)  # an empty id is none, and never `the one before`
        try:
            read_manifest(settings, release_id)
        except (ValueError, FileNotFoundError) as error:
            raise ConfigError(
                f"the manifest of {release_id} cannot be read: nothing was changed"
            ) from error
        done = rollback(settings, release_id)
        told = [_told(one) for one in follow(settings)]
        return done | ({"served": told} if told else {})


def _told(place: Followed) -> str:
    words = place.words[0].upper() + place.words[1:]
    return f"{words} has not followed: {place.error}" if place.error else f"{words} serves it"
