"""What killed processes left behind, wherever it lies: it may hold somebody's clear text."""

from __future__ import annotations

import shutil

from saydo import release
from saydo.engine import sweep
from saydo.landing import recover_all
from saydo.settings import Settings

# Files that had not yet been renamed into place.
_UNFINISHED = (
    ".tmp-warehouse.duckdb-*",
    ".tmp-restore-*",
    "raw/_batches/.tmp-*",
    "raw/*/batch=*/month=*/.tmp-*",
    "quarantine/*/.tmp-*",
    "restricted/*/.tmp-*",
    "state/.tmp-*",
    "state/*/.tmp-*",
    "state/collect/*/.tmp-*",
    "state/gate/history/.tmp-*",
    "state/decisions/*/.tmp-*",
    "published/releases/*/.tmp-*",
)
# Where Saydo 0.1 spilled.
_FORMER_SPILL = ("restricted/.tmp-linkage", "warehouse.duckdb.tmp")


def remove_leftovers(settings: Settings) -> int:
    """Remove what killed runs, landings, publishes and upkeep left. The caller holds the home.

    Returns:
        how many files, folders and batches that was.
    """
    count = sweep(settings) + release.remove_leftovers(settings) + len(recover_all(settings))
    for pattern in (*_UNFINISHED, *_FORMER_SPILL):
        for path in settings.home.glob(pattern):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
            count += 1
    return count
