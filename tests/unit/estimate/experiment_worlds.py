"""Customers of an experiment as arrays, and the two tables of sums that SQL would make of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from saydo.estimate.experiment_readouts import SEGMENTS, VARIANTS

BANDS = np.array(["never_asked", "dissatisfied", "neutral", "fan"])


@dataclass
class World:
    """Customers of one experiment; per metric (after, before), not a number where not known."""

    variant: np.ndarray
    metrics: Mapping[str, tuple[np.ndarray, np.ndarray]]
    band: np.ndarray | None = None
    code: str = "call"
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        return sorted(set(self.variant.tolist()))

    def tables(self) -> dict[str, pa.Table]:
        return {
            VARIANTS: pa.Table.from_pylist(self._variants()),
            SEGMENTS: pa.Table.from_pylist(self._segments(), SEGMENT_SCHEMA),
        }

    def _variants(self) -> list[dict]:
        return [
            {
                "experiment_code": self.code,
                "variant_code": name,
                "assignment_count": int((self.variant == name).sum()),
                "unknown_count": 0,
                "assigned_count": int((self.variant == name).sum()),
                "pending_count": 0,
                "two_variant_count": 0,
                "first_followed_date": "2025-06-30",
            }
            | dict(self.counts)
            for name in self.names
        ]

    def _segments(self) -> list[dict]:
        count = len(self.variant)
        segments = {("all", "all"): np.ones(count, dtype=bool)}
        if self.band is not None:
            for band in sorted(set(self.band.tolist())):
                segments["latest_satisfaction_band", band] = self.band == band
        unknown = (np.full(count, np.nan),) * 2
        score, score_before = self.metrics.get("satisfaction", unknown)
        rows = []
        for name in self.names:
            for metric, (after, before) in self.metrics.items():
                for (segment_type, segment_code), inside in segments.items():
                    of = inside & (self.variant == name) & ~np.isnan(after)
                    if not of.any():
                        continue
                    answered = of & ~np.isnan(score)
                    y, x = after[of], before[of]
                    ya, xa, s, z = (
                        values[answered] for values in (after, before, score, score_before)
                    )
                    rows.append(
                        {
                            "experiment_code": self.code, "variant_code": name,
                            "metric_code": metric, "segment_type": segment_type,
                            "segment_code": segment_code, "customer_count": int(of.sum()),
                            "answered_count": int(answered.sum()),
                        }
                        | {
                            key: float(value)
                            for key, value in {
                                "total_before": x.sum(), "total_after": y.sum(),
                                "total_before_squared": x @ x, "total_before_after": x @ y,
                                "total_after_squared": y @ y,
                                "answered_total_before": xa.sum(),
                                "answered_total_after": ya.sum(),
                                "answered_total_satisfaction": s.sum(),
                                "answered_total_previous_satisfaction": z.sum(),
                                "answered_total_after_satisfaction": ya @ s,
                                "answered_total_after_previous_satisfaction": ya @ z,
                                "answered_total_before_satisfaction": xa @ s,
                                "answered_total_before_previous_satisfaction": xa @ z,
                            }.items()
                        }
                    )  # fmt: skip
        return rows


_TOTALS = (
    "total_before", "total_after", "total_before_squared", "total_before_after",
    "total_after_squared", "answered_total_before", "answered_total_after",
    "answered_total_satisfaction", "answered_total_previous_satisfaction",
    "answered_total_after_satisfaction", "answered_total_after_previous_satisfaction",
    "answered_total_before_satisfaction", "answered_total_before_previous_satisfaction",
)  # fmt: skip
SEGMENT_SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in (
            "experiment_code", "variant_code", "metric_code", "segment_type", "segment_code",
        )),
        ("customer_count", pa.int64()),
        ("answered_count", pa.int64()),
        *((name, pa.float64()) for name in _TOTALS),
    ]
)  # fmt: skip


def joined(*worlds: World) -> dict[str, pa.Table]:
    """The tables of several experiments."""
    tables = [world.tables() for world in worlds]
    return {name: pa.concat_tables([table[name] for table in tables]) for name in tables[0]}
