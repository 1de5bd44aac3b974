"""The chain: from service to satisfaction to what customers do, as arrows and as effects."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any, NamedTuple

from saydo.report.drawing import DO, SAY, effects
from saydo.report.section import Picture, Row, Rows, Section
from saydo.report.wording import effect, interval, listed, plain, with_interval

COLUMNS = """\
select link, band, lag_months, estimate, ci_low, ci_high,
    replace(unit, 'reporting currency', currency_code) as unit, is_publishable,
    not_publishable_reason, p_value, adjusted_p_value, customer_count, observation_count,
    pooled_estimate, lead_p_value, mediated_share, sensitivity_low, sensitivity_high,
    exposure_code, outcome_code, method
from experience_effects
cross join (
    select coalesce(max(currency_code), 'reporting currency') as currency_code
    from customer_profiles
) as money"""
CHAIN_SQL = f"{COLUMNS}\nwhere not starts_with(link, 'kpi_')\norder by link, lag_months, band"
PARTS_SQL = f"{COLUMNS}\nwhere starts_with(link, 'kpi_')\norder by link, lag_months, band"

OUTCOMES = {"revenue": "Revenue", "new_service": "New services", "churn": "Leaving"}
BANDS = {"below_edge": "below the edge", "above_edge": "above the edge", "all": "everybody"}
LAGS = {0: "same month", 1: "next month"}
WAYS = {"_via_satisfaction": "through satisfaction", "_direct": "directly", "": "together"}


class Effect(NamedTuple):
    """An effect as an arrow shows it; `why_not` takes the place of a number that is not sure.

    One that `may_be_none` has zero in its interval.
    """

    label: str
    size: str
    ends: str
    unit: str
    why_not: str
    may_be_none: bool = False


class Flow(NamedTuple):
    """What stands on the three arrows; those that end in behaviour have a part for each outcome."""

    to_satisfaction: Sequence[Effect]
    to_behaviour: Sequence[tuple[str, Sequence[Effect]]]
    past_satisfaction: Sequence[tuple[str, Sequence[Effect]]]


def _is_sure(row: Row) -> bool:
    return bool(row["is_publishable"]) and row["estimate"] is not None


def _may_be_none(row: Row) -> bool:
    return row["ci_low"] is None or row["ci_low"] <= 0 <= row["ci_high"]


def _of(rows: Rows, link: str) -> list[Row]:
    """The rows of a link, below the edge before above; the difference of both is no arrow."""
    order = list(BANDS)
    found = [row for row in rows if row["link"] == link and row["band"] in BANDS]
    return sorted(found, key=lambda row: (row["lag_months"], order.index(row["band"])))


def _arrow(row: Row, label: str) -> Effect:
    if not _is_sure(row):
        reason = row["not_publishable_reason"] or "not known"
        return Effect(label, "", "", row["unit"] or "", reason)
    ends = interval(row["ci_low"], row["ci_high"])
    return Effect(label, effect(row["estimate"]), ends, row["unit"], "", _may_be_none(row))


def _flow(rows: Rows) -> Flow:
    return Flow(
        [_arrow(row, LAGS.get(row["lag_months"], f"{row['lag_months']} months later"))
         for row in _of(rows, "service_to_satisfaction")],
        _outcomes(rows, "satisfaction_to_{}"),
        _outcomes(rows, "service_to_{}_direct"),
    )  # fmt: skip


def _outcomes(rows: Rows, pattern: str) -> list[tuple[str, list[Effect]]]:
    found = [(name, _of(rows, pattern.format(code))) for code, name in OUTCOMES.items()]
    return [(name, _arrows(one)) for name, one in found if one]


def _arrows(rows: Rows) -> list[Effect]:
    """The effect of each band; one where none of them is sure, for the same reason."""
    found = [_arrow(row, BANDS[row["band"]].replace("the ", "")) for row in rows]
    if found[0].why_not and len({effect.why_not for effect in found}) == 1:
        return [found[0]._replace(label="")]
    return found


def _say(rows: Rows) -> Sequence[str]:
    sure = [row for row in rows if _is_sure(row)]
    if not sure:
        reason = next(
            (r["not_publishable_reason"] for r in rows if r["not_publishable_reason"]), ""
        )
        return [f"No link of the chain can be published: {reason or 'too little is known'}."]
    sentences = [f"All {len(rows)} effects can be published."]
    if len(sure) < len(rows):
        of = f"{len(sure)} of {len(rows)} effects can be published"
        sentences = [f"{of}; the others are grey, with the reason."]
    bands = {row["band"]: row for row in _of(sure, "satisfaction_to_revenue")}
    if {"below_edge", "above_edge"} <= set(bands):
        sentences.append(
            f"Satisfaction moves revenue by {_words(bands['below_edge'])} below the edge and by "
            f"{_words(bands['above_edge'])} above it, in {bands['below_edge']['unit']}."
        )
    for row in _of(sure, "service_to_revenue"):
        if row["band"] == "all" and row["mediated_share"] is not None:
            share = f"{100 * row['mediated_share']:.0f}%"
            sentences.append(f"Of what service does to revenue, {share} goes through satisfaction.")
    return sentences


def _words(row: Row) -> str:
    if row["estimate"] is None:
        return f"not known: {row['not_publishable_reason']}"
    words = with_interval(row["estimate"], row["ci_low"], row["ci_high"])
    return words if _is_sure(row) else f"{words}, not published: {row['not_publishable_reason']}"


def _point(row: Row, name: str) -> dict[str, Any]:
    return {
        "name": name,
        "value": row["estimate"],
        "low": row["ci_low"],
        "high": row["ci_high"],
        "is_sure": _is_sure(row),
        "words": f"{name}: {_words(row)}",
    }


def _draw(rows: Rows) -> Sequence[Picture]:
    """A picture for each pair of ends of the chain, since each has a unit of its own."""
    pairs = [("service", "satisfaction")]
    pairs += [(exposure, code) for exposure in ("satisfaction", "service") for code in OUTCOMES]
    known = {f"{exposure}_to_{outcome}{way}" for exposure, outcome in pairs for way in WAYS}
    pictures = [_pair(rows, *pair) for pair in pairs]
    others = [row for row in rows if row["link"] not in known and row["band"] in BANDS]
    for link, found in groupby(others, key=lambda row: row["link"]):
        points = [(row, BANDS[row["band"]]) for row in found]
        pictures.append(_picture(plain(link).replace(" to ", " → ").capitalize(), points, SAY))
    return [picture for picture in pictures if picture]


def _pair(rows: Rows, exposure: str, outcome: str) -> Picture | None:
    points = []
    for way, words in WAYS.items():
        for row in _of(rows, f"{exposure}_to_{outcome}{way}"):
            if outcome == "satisfaction":
                words = LAGS.get(row["lag_months"], f"{row['lag_months']} months later")
            elif exposure == "satisfaction":
                words = BANDS[row["band"]]
            elif row["band"] != "all":
                continue  # the table has these
            points.append((row, words))
    end = OUTCOMES.get(outcome, "satisfaction").lower()
    return _picture(
        f"{exposure.capitalize()} → {end}", points, SAY if end == "satisfaction" else DO
    )


def _picture(title: str, points: Sequence[tuple[Row, str]], colour: str) -> Picture | None:
    if not any(row["estimate"] is not None for row, _ in points):
        return None
    drawn = [_point(*point) for point in points]
    described = "; ".join(point["words"] for point in drawn)
    return Picture(title, points[0][0]["unit"], f"{described}.", effects(drawn, colour))


def _part_name(row: Row) -> str:
    return plain(row["link"].removeprefix("kpi_").removesuffix("_to_satisfaction"))


def _of_parts(rows: Rows) -> list[Row]:
    return [row for row in rows if row["band"] == "all" and row["outcome_code"] == "satisfaction"]


def _say_parts(rows: Rows) -> Sequence[str]:
    sure = [row for row in _of_parts(rows) if _is_sure(row) and not _may_be_none(row)]
    if not sure:
        return ["No part of service has, beside the others, an effect of its own that is sure."]
    names = listed(_part_name(row) for row in sure)
    return [f"Beside all others, what moves satisfaction for sure: {names}. Units differ."]


def _draw_parts(rows: Rows) -> Sequence[Picture]:
    """A picture for each part, since each is measured in a unit of its own."""
    pictures = []
    for row in _of_parts(rows):
        named = row | {"unit": plain(row["unit"].replace("kpi_", ""))}
        pictures.append(_picture(_part_name(row).capitalize(), [(named, "same month")], SAY))
    return [picture for picture in pictures if picture]


CHAIN = Section(
    "chain", "From service to revenue", CHAIN_SQL, _say, _draw, flow=_flow,
    note="The edge is the satisfaction score that parts unhappy customers from happy ones; a "
    "change may be worth more on one side of it. Beside each effect is its 95% interval; where "
    "that holds zero, the effect is not bold: there may be none.",
)  # fmt: skip
PARTS = Section(
    "parts", "Which part of service moves satisfaction", PARTS_SQL, _say_parts, _draw_parts,
    is_silent=True,
)  # fmt: skip
