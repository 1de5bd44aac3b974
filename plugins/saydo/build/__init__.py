"""From accepted batches to the candidate warehouse: the as-of date, dbt's inputs, the layers."""

from saydo.build.as_of import end_of_day, resolve_as_of
from saydo.build.candidate import assert_candidate
from saydo.build.layers import LAYERS, build_layer
from saydo.build.prepare import prepare
from saydo.build.variables import check_configuration

__all__ = [
    "LAYERS",
    "assert_candidate",
    "build_layer",
    "check_configuration",
    "end_of_day",
    "prepare",
    "resolve_as_of",
]
