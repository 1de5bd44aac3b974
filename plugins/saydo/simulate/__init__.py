"""A simulated telco: all eleven canonical sources as delivered files, and the truth behind them."""

from saydo.simulate.run import simulate

__all__ = ["simulate"]
