"""Statistics on small sums: SQL sums, these estimate, SQL publishes.

Each estimator reads intermediate models of a few thousand rows and writes one Parquet file that
marts read as a dbt source. None of them reads raw rows or writes the warehouse.
"""

from saydo.estimate.estimator import Estimate, Estimator
from saydo.estimate.running import ESTIMATORS, empty_estimates, run_estimators

__all__ = ["ESTIMATORS", "Estimate", "Estimator", "empty_estimates", "run_estimators"]
