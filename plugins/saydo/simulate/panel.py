"""What is true of every customer and month, before any survey."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from saydo.simulate.clock import Window
from saydo.simulate.parameters import stream
from saydo.simulate.people import People


@dataclass
class Panel:
    """(months, persons) each; nan where there is none. What truth is, before any survey."""

    experience: np.ndarray
    score: np.ndarray
    usage_cents: np.ndarray  # the variable charge; −1 where none
    first_day: np.ndarray
    last_day: np.ndarray
    treated: np.ndarray  # (persons): −1 not in the experiment, 0 control, 1 treatment
    experiment_month: int

    @classmethod
    def empty(cls, window: Window, people: People, seed: int) -> Panel:
        """An empty panel, and the draw of the experiment."""
        shape = (window.months, people.count)
        rng = stream(seed, "experiment")
        treated = np.where(
            (people.joined_day < 0) & (rng.random(people.count) < 0.2),
            rng.integers(0, 2, people.count),
            -1,
        )
        return cls(
            np.full(shape, np.nan, dtype=np.float32),
            np.full(shape, np.nan, dtype=np.float32),
            np.full(shape, -1, dtype=np.int64),
            np.full(shape, 1, dtype=np.int32),
            np.full(shape, 0, dtype=np.int32),
            treated,
            window.months // 2,
        )
