"""Values: a column emptied in part, signs flipped, a measure that drifts, an identifier of many."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from statistics import median

import numpy as np

from saydo.gate.past.doubt import (
    LEAST_OTHERS,
    OTHER_BATCHES,
    Delivered,
    Doubt,
    alike,
    around,
    is_rhythm_known,
    spread,
)

# A ratio of fewer rows says nothing.
_LEAST_ROWS = 20
_SIGMAS = 5  # one in two million by chance; what the feed had before is usual besides
_LEAST_MAGNITUDES = 8
# A third more or less is worth a look; a quarter is what a month or a campaign may bring.
_DRIFT = math.log10(4 / 3)
# Of a factor that only a change of unit explains, `usual_units` tells.
_UNIT = math.log10(30)
_HOUSEHOLD = 4
# A score's shape is compared whole; scales and weights are no measurements.
_NOT_MEASURED = ("score", "scale_min", "scale_max", "design_weight")


def emptied_columns(items: Sequence[Delivered], max_null_ratio: float) -> Iterator[Doubt]:
    """A column with far more nulls than any other file of the feed; wholly emptied it refuses.

    What `no_null_flood` refuses is left to it.
    """
    for item, others in _with_others(items):
        rows = item.facts.row_count
        for column, ratio in item.facts.null_ratios.items():
            ratios = [
                o.facts.null_ratios[column]
                for o in others
                if column in o.facts.null_ratios and o.facts.row_count >= _LEAST_ROWS
            ]
            if len(ratios) < LEAST_OTHERS or rows < _LEAST_ROWS:
                continue
            usual, most = median(ratios), max(ratios)
            expected = max(most, 1 / (rows + 10))
            noise = math.sqrt(expected * (1 - expected) / rows)
            is_flood = rows >= 100 and usual <= max_null_ratio and ratio > 0.5
            if (
                not is_flood
                and ratio - most > max(0.1, _SIGMAS * noise)
                and ratio - usual > 3 * (most - usual)
            ):
                yield Doubt(
                    item.batch.batch_id,
                    "columns are filled as usual",
                    f"{column}: {ratio:.0%} of rows are null, usually {usual:.0%}, {most:.0%} at "
                    "most",
                    "The source column was emptied, renamed or moved upstream, for all or for a "
                    "part of the rows. The feed's owner corrects the expression or asks for a new "
                    "file.",
                    ratio > 0.99 or (usual <= max_null_ratio and ratio > 0.5),
                )


def flipped_signs(items: Sequence[Delivered]) -> Iterator[Doubt]:
    """Values below zero where the feed has few, or the other way round."""
    for item, others in _with_others(items):
        for kind, (below, counted) in item.facts.signs.items():
            shares = [
                o.facts.signs[kind][0] / o.facts.signs[kind][1]
                for o in others
                if kind in o.facts.signs and o.facts.signs[kind][1] >= _LEAST_ROWS / 2
            ]
            if counted < _LEAST_ROWS or len(shares) < LEAST_OTHERS:
                continue
            share, usual = below / counted, median(shares)
            beyond = max(share - max(shares), min(shares) - share)
            expected = min(max(usual, 1 / (counted + 10)), 1 - 1 / (counted + 10))
            noise = math.hypot(spread(shares), math.sqrt(expected * (1 - expected) / counted))
            if beyond > 0.2 and abs(share - usual) > _SIGMAS * noise:
                yield Doubt(
                    item.batch.batch_id,
                    "signs are as before",
                    f"{kind}: {share:.0%} of values are below zero, usually {usual:.0%}",
                    "What was added is now taken away, or the other way round. The feed's owner "
                    "corrects the expression, for example `-amount` or `abs(amount)`.",
                    beyond > 0.5 or abs(share - (1 - usual)) < 3 * noise,
                )


def drifted_magnitudes(items: Sequence[Delivered]) -> Iterator[Doubt]:
    """A measure or an amount whose typical size leaves the range of the feed's earlier files.

    Not of its later ones: the first files of a history are unlike the others while a business, or
    its system, starts.
    """
    for item, others in _with_earlier(items):
        for column, magnitude in item.facts.magnitudes.items():
            logs = np.array(
                [
                    math.log10(o.facts.magnitudes[column])
                    for o in others
                    if column in o.facts.magnitudes
                ]
            )
            if column in _NOT_MEASURED or len(logs) < _LEAST_MAGNITUDES:
                continue
            if item.facts.row_count < _LEAST_ROWS:
                continue
            now, usual = math.log10(magnitude), float(np.median(logs))
            change = abs(now - usual)
            # A value lies within a factor of two or three of the geometric mean, mostly.
            noise = max(spread(logs), 0.45 / math.sqrt(item.facts.row_count))
            beyond = max(logs.min() - now, now - logs.max())
            if max(_DRIFT, _SIGMAS * noise) <= change < _UNIT and beyond >= 0.3 * change:
                yield Doubt(
                    item.batch.batch_id,
                    "amounts and measures stay near the feed's usual",
                    f"{column}: typically {magnitude:.4g}, usually {10**usual:.4g}",
                    "Published as it is. The feed's owner confirms a real change, such as a new "
                    "price list, or corrects the expression.",
                )


def identifiers_of_many(items: Sequence[Delivered]) -> Iterator[Doubt]:
    """One identifier of more accounts than any of the feed's other files gave one."""
    for item, others in _with_others(items):
        for id_type, most in item.facts.shared.items():
            known = [o.facts.shared[id_type] for o in others if id_type in o.facts.shared]
            if len(known) >= LEAST_OTHERS and most >= max(_HOUSEHOLD, 1.5 * max(known) + 1):
                yield Doubt(
                    item.batch.batch_id,
                    "an identifier is of as many accounts as before",
                    f"one {id_type} is of {most} accounts, at most {max(known)} in other files",
                    "A household, a shop or a placeholder: past max_customers of its type it "
                    "identifies nobody, below it may join what is not one person. Whoever owns the "
                    "customer records looks at it: `saydo identity` says who was joined by what.",
                )


def _with_earlier(items: Sequence[Delivered]) -> Iterator[tuple[Delivered, list[Delivered]]]:
    for position, item in enumerate(items):
        earlier = items[max(0, position - OTHER_BATCHES) : position]
        if item.is_new and is_rhythm_known(others := alike(item, earlier)):
            yield item, others


def _with_others(items: Sequence[Delivered]) -> Iterator[tuple[Delivered, list[Delivered]]]:
    for position, item in enumerate(items):
        if item.is_new and is_rhythm_known(others := alike(item, around(items, position))):
            yield item, others
