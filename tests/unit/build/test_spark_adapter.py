"""What dbt's adapter for Spark would change of a session stays as the figures need it."""

from __future__ import annotations

import sys
from types import ModuleType

from dbt.adapters.spark.connections import SparkCredentials

from saydo.build.spark_adapter import mended_adapter
from saydo.config.spark import REQUIRED


def sent(monkeypatch) -> dict[str, str]:
    """The parameters that go with each statement."""
    monkeypatch.setitem(sys.modules, "pyspark", ModuleType("pyspark"))
    return SparkCredentials(host="h", schema="s", method="session").server_side_parameters


def test_ansi_mode_and_what_else_figures_depend_on_go_with_each_statement(monkeypatch):
    before = sent(monkeypatch)
    assert before["spark.sql.ansi.enabled"] == "false"  # when not, `mended_adapter` may go
    with mended_adapter():
        assert sent(monkeypatch) == REQUIRED
    assert sent(monkeypatch) == before
