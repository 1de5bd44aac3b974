"""Models made beside the candidate: for upkeep, which must read raw as a build does."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from saydo.build.dbt import invoke
from saydo.build.prepare import batches_table, erasures_file, recorded_erasures
from saydo.build.variables import dbt_variables
from saydo.errors import SaydoError
from saydo.landing import read_ledger
from saydo.release.durable import replace_table
from saydo.settings import Settings


@contextmanager
def made_in_scratch(settings: Settings, models: tuple[str, ...]) -> Iterator[Path]:
    """Make models of raw, the ledger and the recorded erasures as they are now, not as of a day.

    They come to lie in a warehouse of their own, in a folder below the home that is removed
    afterwards: candidate and state stay as they are. What dbt parsed is kept for the next time.

    Args:
        settings: where the home is. The caller makes sure that nobody else does this in it.
        models: names of models that read nothing else, not even the as-of date.

    Yields:
        the warehouse, a DuckDB file that nobody has open.

    Raises:
        SaydoError: a model was not made.
    """
    remove_scratch(settings)
    ours = settings.model_copy(update={"home": _scratch(settings)})
    kept = settings.state.absolute() / "dbt" / "scratch"
    kept.mkdir(parents=True, exist_ok=True)
    ours.home.mkdir(mode=0o700)
    try:
        ours.state.mkdir()
        (ours.state / "dbt").symlink_to(kept)
        ours.raw.symlink_to(settings.raw.absolute())
        replace_table(ours.state / "batches.parquet", batches_table(read_ledger(settings)))
        replace_table(erasures_file(ours), recorded_erasures(settings))
        variables = dbt_variables(ours, datetime.now(UTC).date())
        results = invoke(ours, ["run", "--select", *models], variables)
        failed = [f"{r.name}: {r.message}" for r in results if r.status != "success"]
        if failed or len(results) != len(models):
            raise SaydoError(
                f"{', '.join(models)} could not be made in {ours.home.name}: "
                f"{'; '.join(failed) or 'dbt knows no such model'}; "
                f"their SQL is below {kept / 'target'}"
            )
        yield ours.warehouse
    finally:
        remove_scratch(settings)


def remove_scratch(settings: Settings) -> int:
    """Remove the folder that a killed upkeep left, and count it. Nobody uses it meanwhile."""
    folder = _scratch(settings)
    if not folder.exists():
        return 0
    shutil.rmtree(folder)
    return 1


def _scratch(settings: Settings) -> Path:
    return settings.home / ".tmp-scratch"
