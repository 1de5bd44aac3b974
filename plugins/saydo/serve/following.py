"""Wherever the current release is served beside its files: each place follows the files' pointer.

Publishing, `saydo serve`, rollback, retention and erasure all call this, so that a place is brought
to what the files say in one way, whatever they have just done.
"""

from __future__ import annotations

import logging
from typing import Any, NamedTuple

from saydo.errors import SaydoError
from saydo.release import current_release_id
from saydo.serve import postgres, store
from saydo.settings import Settings

log = logging.getLogger(__name__)

# By the name of its results: what it is in words, and what serves it.
PLACES = {"postgresql": ("PostgreSQL", postgres), "object_store": ("the object store", store)}


class Followed(NamedTuple):
    """What came of one configured place: its outcome, or why it has not followed."""

    place: str
    outcome: dict[str, Any] | None
    error: SaydoError | None

    @property
    def words(self) -> str:
        """The place as a sentence names it."""
        return PLACES[self.place][0]


def follow(settings: Settings) -> list[Followed]:
    """Bring each configured place to the current release; one that cannot holds no other up."""
    found = []
    for place, (words, package) in PLACES.items():
        try:
            outcome = package.serve(settings)
        except SaydoError as error:
            log.warning("%s has not followed: %s", words, error)
            found.append(Followed(place, None, error))
        else:
            if outcome is not None:
                found.append(Followed(place, outcome, None))
    return found


def serve(settings: Settings) -> dict[str, dict[str, Any]]:
    """Bring each configured place to the current release.

    Returns:
        what each place tells of it, by the place's name; empty if none is configured.

    Raises:
        SaydoError: of a kind that says whether to try again, if some place could not; the others
            have followed all the same.
    """
    followed = follow(settings)
    raise_failures([one.error for one in followed])
    return {one.place: one.outcome for one in followed if one.outcome is not None}


def serve_erased(settings: Settings) -> None:
    """After an erasure: take out of each place whom the files no longer hold.

    Raises:
        SaydoError: some place may still hold them; nothing else of the erasure is open.
    """
    if current_release_id(settings) is None:
        return
    raise_failures([_not_erased(settings, one) for one in follow(settings)])


def _not_erased(settings: Settings, one: Followed) -> SaydoError | None:
    """What is wrong if a place may still hold whom the files no longer hold."""
    begun = f"erased from everything in the home, but {one.words} may still hold them"
    if one.error is not None:
        return SaydoError(f"{begun}: {one.error}")
    # PostgreSQL alone: a schema that somebody reads cannot be dropped.
    stayed = postgres.outdated(settings, (one.outcome or {}).get("stayed", {}))
    if not stayed:
        return None
    told = "; ".join(f"{name}: {why}" for name, why in stayed.items())
    return SaydoError(
        f"{begun} in {told}: end what holds it there, then run `saydo maintain` again or clear the "
        "task"
    )


def raise_failures(errors: list[SaydoError | None], before: str = "") -> None:
    """Raise what there is of errors as one; of their kinds, the one that a retry may mend.

    Raises:
        SaydoError: there is one.
    """
    real = [error for error in errors if error is not None]
    if not real:
        return
    kinds = sorted({type(error) for error in real}, key=lambda kind: kind.exit_code)
    raise kinds[0](before + "; ".join(str(error) for error in real)) from real[0]
