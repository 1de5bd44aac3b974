"""Whether the score was made of what it is to foretell."""

from __future__ import annotations

import pyarrow as pa

from saydo.estimate.survey_waves import numbers

_LEAST_ANSWERS = 30
_NEARLY_ALL = 0.99


def has_leak(scores: pa.Table) -> bool:
    """Whether at some scores nearly all left by the next month, and at others nearly none.

    No opinion tells so surely who leaves: such a score was given, or filled in, after the fact.

    Args:
        scores: answers and those of customers who left, by whole score.
    """
    answers, left = numbers(scores, "observation_count"), numbers(scores, "churned_count")
    enough = answers >= _LEAST_ANSWERS
    shares = left[enough] / answers[enough]
    return bool((shares >= _NEARLY_ALL).any() and (shares <= 1 - _NEARLY_ALL).any())
