"""A simulated telco: all twelve canonical sources as delivered files, and the truth behind them."""

from saydo.simulate.faults import FAULTS, inject_faults
from saydo.simulate.run import simulate

__all__ = ["FAULTS", "inject_faults", "simulate"]
