"""What the compile test takes for functions of Spark are those that Spark has."""

from __future__ import annotations

import re
from pathlib import Path

LISTED = Path(__file__).parents[1] / "warehouse" / "spark_functions.txt"


def test_the_functions_that_models_may_call_are_those_of_spark(spark):
    shown = {row[0] for row in spark.sql("show system functions").collect()}
    named = {name for name in shown if re.fullmatch(r"\w+", name)}
    assert LISTED.read_text(encoding="utf-8").split() == sorted(named)
