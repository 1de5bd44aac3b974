"""The same usage, told in sessions: parts that add up to the daily rows exactly."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

_SHARED = ("stall_ms", "active_seconds", "volume_kb", "outage_seconds")
_STEP = 60  # of what is shared: a whole number of these is a decimal in the units of the measures
_DAY = 86_400


def as_sessions(usage: pa.Table, first_number: int) -> tuple[pa.Table, np.ndarray]:
    """One row per session of the daily rows, and the daily row that each is of.

    Sessions begin one after the other from noon UTC, within the business's day. The last one of a
    day has what does not divide; throughput and latency are those of the day.

    Args:
        usage: daily rows as `saydo.simulate.network` makes them.
        first_number: the number of the first session.
    """
    count = usage["sessions"].to_numpy()
    row = np.repeat(np.arange(len(count)), count)
    position = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    failed, dropped = (usage[f"sessions_{kind}"].to_numpy()[row] for kind in ("failed", "dropped"))
    began = usage["usage_day"].cast(pa.int32()).to_numpy().astype(np.int64)[row] * _DAY
    began += _DAY // 2 + position * 60
    columns = {
        "session": pa.array(first_number + np.arange(len(row))),
        "subscriber_imsi": usage["subscriber_imsi"].take(pa.array(row)),
        "began_at": pa.array(began * 1_000_000).cast(pa.timestamp("us")),
        "ended_at": pa.array((began + 60) * 1_000_000).cast(pa.timestamp("us")),
        "cell_site": usage["cell_site"].take(pa.array(row)),
        "is_failed": pa.array((position < failed).astype(np.int8)),
        "is_dropped": pa.array(
            ((position >= failed) & (position < failed + dropped)).astype(np.int8)
        ),
    }
    for name in _SHARED:
        whole = usage[name].to_numpy().astype(np.int64)
        part = whole // count // _STEP * _STEP
        rest = whole - part * (count - 1)
        columns[name] = pa.array(np.where(position == count[row] - 1, rest[row], part[row]))
    for name in ("throughput_kbps", "latency_ms"):
        columns[name] = usage[name].take(pa.array(row))
    return pa.table(columns), row
