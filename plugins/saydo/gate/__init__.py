"""The gates: may a delivery go in, may a candidate go out?

Great Expectations costs seconds to import, so it is imported only where a suite is evaluated.
"""

from saydo.gate.marts import gate_marts
from saydo.gate.sources import check_sources

__all__ = ["check_sources", "gate_marts"]
