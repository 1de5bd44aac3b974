"""What moves the satisfaction that is predicted of a customer who was not asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from saydo.report.drawing import SAY, effects
from saydo.report.section import Picture, Row, Rows, Section
from saydo.report.wording import plain, signed

DRIVERS_SQL = """\
select feature, band, lower_bound, upper_bound, points, standard_error,
    points - 1.96 * standard_error as points_low, points + 1.96 * standard_error as points_high,
    customer_count, answer_count
from satisfaction_drivers
where not is_intercept
order by feature, lower_bound nulls first, upper_bound nulls last, band"""

SHOWN = 3  # features with a picture; the table has all


def _known(rows: Rows) -> dict[str, list[Row]]:
    """The bands of each feature whose points come from answers."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        if row["standard_error"] is not None and row["band"] != "unknown":
            found.setdefault(row["feature"], []).append(row)
    return found


def _span(rows: Rows) -> Any:
    points = [row["points"] for row in rows]
    return max(points) - min(points)


def _strongest(rows: Rows) -> list[tuple[str, list[Row]]]:
    found = _known(rows)
    return sorted(found.items(), key=lambda item: (-_span(item[1]), item[0]))[:SHOWN]


def _say(rows: Rows) -> Sequence[str]:
    strongest = _strongest(rows)
    if not strongest:
        return ["Nothing could be learned from answers yet."]
    feature, bands = strongest[0]
    best = max(bands, key=lambda row: row["points"])
    worst = min(bands, key=lambda row: row["points"])
    return [
        f"What tells satisfied customers from others most is {plain(feature)}: from "
        f"{signed(worst['points'], 2)} points ({plain(worst['band'])}) to "
        f"{signed(best['points'], 2)} ({plain(best['band'])}).",
    ]


def _draw(rows: Rows) -> Sequence[Picture]:
    strongest = _strongest(rows)
    ends = [float(row[end]) for _, bands in strongest for row in bands
            for end in ("points_low", "points_high")]  # fmt: skip
    domain = (min([*ends, 0]), max([*ends, 0]))
    return [_picture(feature, bands, domain) for feature, bands in strongest]


def _picture(feature: str, bands: Sequence[Row], domain: Sequence[float]) -> Picture:
    points = [
        {
            "name": plain(row["band"]),
            "value": row["points"],
            "low": row["points_low"],
            "high": row["points_high"],
            "is_sure": True,
            "words": _words(row),
        }
        for row in bands
    ]
    title = plain(feature).capitalize()
    described = "; ".join(point["words"] for point in points)
    chart = effects(points, SAY, domain)
    return Picture(title, "points added to predicted satisfaction", f"{described}.", chart)


def _words(row: Row) -> str:
    ends = f"{signed(row['points_low'], 2)} to {signed(row['points_high'], 2)}"
    return f"{plain(row['band'])} {signed(row['points'], 2)} ({ends})"


DRIVERS = Section(
    "drivers", "What tells satisfied customers from others", DRIVERS_SQL, _say, _draw,
    note="Customers are compared with each other here; what moves a customer's own satisfaction "
    "is in the chain above.",
)  # fmt: skip
