"""Collecting: sources are fetched into landing/, each delivery a whole, immutable file."""

from saydo.collect.access import Access, Connections
from saydo.collect.collecting import Tried, check_pipeline, collect_pipeline

__all__ = ["Access", "Connections", "Tried", "check_pipeline", "collect_pipeline"]
