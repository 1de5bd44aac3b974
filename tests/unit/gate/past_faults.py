"""Faults that are put into the newest batch of a made-up feed, and whether the gate tells them."""

from __future__ import annotations

from typing import Any

import numpy as np
from past_worlds import World


def only(rows: dict[str, Any], kept: np.ndarray) -> dict[str, Any]:
    return {column: values[kept] for column, values in rows.items()}


def half(world: World, rows: dict[str, Any]) -> dict[str, Any]:
    return only(rows, np.arange(len(rows["id"])) < len(rows["id"]) / 2)


def partly_emptied(world: World, rows: dict[str, Any]) -> dict[str, Any]:
    gone = world.random.random(len(rows["id"])) < 0.4
    return rows | {"code": np.where(gone, None, rows["code"])}


def emptied(world: World, rows: dict[str, Any]) -> dict[str, Any]:
    return rows | {"code": np.full(len(rows["id"]), None, dtype=object).astype("O")}


def late(world: World, rows: dict[str, Any]) -> dict[str, Any]:
    by = np.where(world.random.random(len(rows["id"])) < 0.1, 90, 0).astype("timedelta64[D]")
    return rows | {"day": rows["day"] - by, "local": rows["local"] - by}


def shifted(world: World, rows: dict[str, Any]) -> dict[str, Any]:
    return rows | {"local": rows["local"] + np.timedelta64(8, "h")}


def shifted_back(world: World, rows: dict[str, Any]) -> dict[str, Any]:
    return rows | {"local": rows["local"] - np.timedelta64(8, "h")}


def _swap(values: np.ndarray) -> np.ndarray:
    days = values.astype("datetime64[D]").tolist()
    swapped = [d.replace(month=d.day, day=d.month) if d.day <= 12 else d for d in days]
    moved = np.array(swapped, dtype="datetime64[D]") - np.array(days, dtype="datetime64[D]")
    return values + moved


def swapped(world: World, rows: dict[str, Any]) -> dict[str, Any]:
    return rows | {column: _swap(rows[column]) for column in ("day", "local", "opened")}


def again(world: World, rows: dict[str, Any]) -> dict[str, Any]:
    before = world.batches[list(world.batches)[-1 - world.shape.files]]
    return only(before, np.arange(len(before["id"])) > 0)


def day_missing(world: World, rows: dict[str, Any]) -> dict[str, Any]:
    """Within a longer file; a file of one day is that of the day after."""
    days = np.unique(rows["day"])
    if world.shape.period == "day":
        by = np.timedelta64(1, "D")
        return rows | {"day": rows["day"] + by, "local": rows["local"] + by}
    return only(rows, rows["day"] != days[len(days) // 2])


def end_missing(world: World, rows: dict[str, Any]) -> dict[str, Any]:
    return only(rows, rows["day"] <= rows["day"].max() - np.timedelta64(3, "D"))


def flipped(world: World, rows: dict[str, Any]) -> dict[str, Any]:
    return rows | {"change": -rows["change"]}


def turned_round(world: World, rows: dict[str, Any]) -> dict[str, Any]:
    return rows | {"score": 10 - rows["score"]}


def five_points(world: World, rows: dict[str, Any]) -> dict[str, Any]:
    return rows | {"score": np.ceil((rows["score"] + 1) / 11 * 5)}


def scores_drift(world: World, rows: dict[str, Any]) -> dict[str, Any]:
    lower = world.random.random(len(rows["id"])) < 0.6
    return rows | {"score": np.maximum(0, rows["score"] - np.where(lower, 3, 0))}


def measures_drift(world: World, rows: dict[str, Any]) -> dict[str, Any]:
    return rows | {"traffic": rows["traffic"] * 2, "amount": rows["amount"] * 2}


def household(world: World, rows: dict[str, Any]) -> dict[str, Any]:
    point = rows["point"].copy()
    point[:6] = point[0]
    return rows | {"point": point}


_TIMED = ("transactions", "interactions", "survey_responses")
_EVENTS = (*_TIMED, "network_usage_daily")
_CODED = (*_EVENTS, "accounts", "subscriptions")
# What is done, to the tables it can be done to, and whether it refuses the file.
FAULTS = {
    "8 half a file": (half, _EVENTS, False),
    "23 a column emptied": (emptied, _CODED, True),
    "23 a column emptied in part": (partly_emptied, _CODED, False),
    "35 rows late beyond the usual": (late, _EVENTS, False),
    "38 times shifted by eight hours": (shifted, _TIMED, True),
    "38 times shifted back": (shifted_back, _TIMED, True),
    "40 day and month swapped": (swapped, (*_EVENTS, "accounts"), True),
    "41 a day missing": (day_missing, _EVENTS, False),
    "41 the last three days missing": (end_missing, _EVENTS, False),
    "42 the file before again": (again, _EVENTS, False),
    "47 signs flipped": (flipped, ("network_usage_daily", "subscriptions"), True),
    "50 scores turned round": (turned_round, ("survey_responses",), True),
    "50 scores of five points": (five_points, ("survey_responses",), True),
    "53 scores drift": (scores_drift, ("survey_responses",), False),
    "53 measures drift": (measures_drift, ("network_usage_daily", "transactions"), False),
    "30 a household's number": (household, ("account_identifiers",), False),
}


def is_told(world: World, name: str) -> bool:
    """Whether a fault put into the newest batch is told as it should be."""
    fault, _, is_grave = FAULTS[name]
    doubts = world.doubts(fault)
    # Wholly emptied columns of larger files are refused by an expectation of their own.
    if fault is emptied and len(world.batches[world.newest]["id"]) >= 100:
        return True
    return any(doubt.is_grave for doubt in doubts) if is_grave else bool(doubts)
