"""The home of every landing test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from landing_home import Home

from saydo.landing import Batch


@pytest.fixture
def home(tmp_path: Path) -> Home:
    (tmp_path / "landing").mkdir()
    return Home(tmp_path)


@pytest.fixture
def reconciles() -> Callable[[Batch], bool]:
    def check(batch: Batch) -> bool:
        parts = (
            batch.loaded_count,
            batch.quarantined_count,
            batch.duplicate_count,
            batch.filtered_count,
        )
        is_whole = batch.is_reshaped or batch.delivered_count == batch.canonical_count
        return batch.canonical_count == sum(parts) and min(parts) >= 0 and is_whole

    return check
