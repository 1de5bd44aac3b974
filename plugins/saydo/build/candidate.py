"""Whose candidate lies in the warehouse."""

from __future__ import annotations

from datetime import date

from saydo.build.inputs import accepted_batches, are_gone, recorded
from saydo.errors import SaydoError
from saydo.settings import Settings


def assert_candidate(settings: Settings, as_of: date) -> None:
    """Make sure the warehouse holds a finished build of this day, not of a run beside this one.

    Raises:
        SaydoError: it holds another day, an unfinished build or a batch withdrawn since.
    """
    built, attempted = recorded(settings, "built"), recorded(settings, "attempted")
    if built is None or attempted is None or built.key != attempted.key:
        raise SaydoError(
            "the candidate warehouse is not finished: another run is building it; "
            "clear this run from build_staging on when that run is over"
        )
    if built.as_of_date != as_of.isoformat():
        raise SaydoError(
            f"the candidate warehouse is of {built.as_of_date}, this run is for {as_of}: another "
            "run built meanwhile; clear this run from build_staging on, and give "
            "`airflow backfill create` --max-active-runs 1"
        )
    if are_gone(built, accepted_batches(settings)):
        raise SaydoError(
            "the candidate warehouse holds a batch that was withdrawn or expired since; "
            "clear this run from build_staging on"
        )
