"""What an estimator is: the sums it reads, the function of them, the table it writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pyarrow as pa

from saydo.config import Policy


@dataclass(frozen=True)
class Estimate:
    """A table of the estimator's schema, and what a reader must know to trust it.

    `diagnostics` are plain values for a log and a JSON file: counts, iterations, whether it
    converged. Nothing personal, no key.
    """

    table: pa.Table
    diagnostics: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Estimator:
    """One statistic, worked out in Python from what intermediate models have summed.

    `name` names the file below state/estimates/ and the table of the dbt source `estimates`.
    `reads` are models of the schema intermediate; `run` is a pure function of them, in this order,
    of the policy and of the as-of date.
    """

    name: str
    reads: tuple[str, ...]
    schema: pa.Schema
    run: Callable[[Mapping[str, pa.Table], Policy, date], Estimate]
