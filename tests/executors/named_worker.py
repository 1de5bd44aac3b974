"""What a worker of these tests calls itself: two on one machine would have one name."""

from __future__ import annotations

import os


def name() -> str:
    """The name that Airflow keeps with each task that ran here."""
    return os.environ["SAYDO_TEST_WORKER"]
