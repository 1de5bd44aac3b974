"""Models made beside the candidate: for upkeep, which must read raw as a build does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from saydo.build.dbt import invoke
from saydo.build.prepare import (
    batches_table,
    erasures_file,
    recorded_erasures,
    write_dictionaries,
)
from saydo.build.variables import dbt_variables
from saydo.durable import replace_table
from saydo.engine import spill_folder
from saydo.errors import SaydoError
from saydo.landing import read_ledger
from saydo.settings import Settings


@contextmanager
def made_in_scratch(settings: Settings, models: tuple[str, ...]) -> Iterator[Path]:
    """Make models of raw, ledger, recorded erasures and dictionaries as they are, not as of a day.

    They, and the models that they read, come to lie in a warehouse of their own, in a folder that
    goes as what is spilled does: candidate and state stay as they are. What dbt parsed is kept for
    the next time.

    Args:
        settings: where the home is.
        models: names of models that nothing else goes into, not even the as-of date.

    Yields:
        the warehouse, a DuckDB file that nobody has open.

    Raises:
        SaydoError: a model was not made, or another process makes models here.
    """
    kept = settings.state.absolute() / "dbt" / "scratch"
    kept.mkdir(parents=True, exist_ok=True)
    with spill_folder(settings, "scratch") as folder:
        # A few small tables: the embedded engine is there at once.
        ours = settings.model_copy(update={"home": folder, "engine": "duckdb"})
        ours.state.mkdir()
        (ours.state / "dbt").symlink_to(kept)
        ours.raw.symlink_to(settings.raw.absolute())
        replace_table(
            ours.state / "batches.parquet", batches_table(settings, read_ledger(settings))
        )
        replace_table(erasures_file(ours), recorded_erasures(settings))
        write_dictionaries(ours)
        variables = dbt_variables(ours, datetime.now(UTC).date())
        results = invoke(ours, ["run", "--select", *(f"+{model}" for model in models)], variables)
        failed = [f"{r.name}: {r.message}" for r in results if r.status != "success"]
        if failed or not {result.name for result in results}.issuperset(models):
            raise SaydoError(
                f"{', '.join(models)} could not be made beside the candidate: "
                f"{'; '.join(failed) or 'dbt knows no such model'}; "
                f"their SQL is below {kept / 'target'}"
            )
        yield ours.warehouse
