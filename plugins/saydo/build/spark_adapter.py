"""What dbt's adapter for Spark does otherwise than the builds need, mended while dbt runs."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from typing import Any

from saydo.config.spark import REQUIRED


@contextlib.contextmanager
def mended_adapter() -> Iterator[None]:
    """Keep what the figures depend on, and rows out of the log.

    The adapter turns ANSI mode off with each statement that it sends, whatever profile and session
    say: what overflows or cannot be cast would be null. And pyspark writes what an error says, with
    the values that it quotes, to the standard error before anyone can look at it.
    """
    with contextlib.suppress(ImportError):
        from pyspark.logger import PySparkLogger

        PySparkLogger.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL + 1)
    from dbt.adapters.spark.connections import SparkCredentials

    theirs = SparkCredentials.__post_init__

    def ours(credentials: Any) -> None:
        theirs(credentials)
        credentials.server_side_parameters |= REQUIRED

    SparkCredentials.__post_init__ = ours  # type: ignore[method-assign]
    try:
        yield
    finally:
        SparkCredentials.__post_init__ = theirs  # type: ignore[method-assign]
