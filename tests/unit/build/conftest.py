"""A home with a ledger and a feeds file, made by the few lines a test needs."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import yaml

from saydo.landing import Batch, write_entry
from saydo.settings import Settings

FEED = {
    "name": "usage",
    "source": "network_usage_daily",
    "path": "usage/*.csv",
    "format": "csv",
    "columns": {"id_type": "'msisdn'", "id_value": "number", "usage_date": "day"},
}


class Home:
    """Where the test's Saydo lives."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.count = 0

    def settings(
        self, feeds=(), measures=(), kpis=(), questions=None, policy=None, **business
    ) -> Settings:
        """Settings over a feeds file with that content; one usage feed if none is given."""
        content = {
            "business": business,
            "measures": list(measures),
            "kpis": list(kpis),
            "questions": questions or {},
            "feeds": list(feeds) or [FEED],
        }
        (self.folder / "feeds.yml").write_text(yaml.safe_dump(content))
        (self.folder / "policy.yml").write_text(yaml.safe_dump(policy or {}))
        return Settings(
            home=self.folder,
            feeds_file=self.folder / "feeds.yml",
            policy_file=self.folder / "policy.yml",
            threads=2,
        )

    def batch(self, feed, source, last=None, status="accepted", **more) -> str:
        """Put a batch into the ledger; its id."""
        self.count += 1
        batch_id = f"{feed}-{self.count:012x}"
        entry = {
            "batch_id": batch_id,
            "feed": feed,
            "source": source,
            "delivery": "incremental",
            "file_name": f"{feed}.csv",
            "content_hash": f"{self.count:064x}",
            "file_size": 1,
            "file_mtime_ns": 1,
            "status": status,
            "sequence": self.count,
            "landed_at": "2025-04-01T02:00:00+01:00",
            "delivered_count": 1,
            "loaded_count": 1,
            "last_event_date": last,
        }
        write_entry(self.settings(), Batch(**(entry | more)))
        return batch_id


@pytest.fixture
def home(tmp_path) -> Home:
    return Home(tmp_path)


@pytest.fixture
def day() -> date:
    return date(2025, 3, 30)
