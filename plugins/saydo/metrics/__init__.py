"""The headline metrics: what they are called and mean, and how their figures are told."""

from saydo.metrics.definitions import Metric, definitions, read_definitions
from saydo.metrics.telling import shown, shown_error

__all__ = ["Metric", "definitions", "read_definitions", "shown", "shown_error"]
