"""Customers by what they say and what they do: quadrants and bands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from saydo.report.drawing import DO, INK, data
from saydo.report.section import Picture, Row, Rows, Section
from saydo.report.tables import Table, table

QUADRANTS_SQL = """\
select say_do_quadrant, count(*) as customer_count,
    coalesce(sum(monthly_recurring_revenue), 0) as monthly_recurring_revenue,
    coalesce(max(currency_code), 'reporting currency') as currency_code
from customer_profiles
group by say_do_quadrant
order by customer_count desc, say_do_quadrant"""

BANDS_SQL = """\
select satisfaction_band, count(*) as customer_count,
    count(*) filter (customer_status = 'active') as active_count,
    coalesce(sum(monthly_recurring_revenue), 0) as monthly_recurring_revenue,
    coalesce(sum(revenue_90d), 0) as revenue_90d, avg(experience_score_30d) as experience_score_30d
from customer_profiles
group by satisfaction_band
order by case satisfaction_band
    when 'dissatisfied' then 1 when 'neutral' then 2 when 'fan' then 3 else 4 end"""

STAYS, GOES = "stay and spend", "leave or spend less"
CONTENT, UNHAPPY = "Say satisfied", "Say dissatisfied"
QUADRANTS = {
    "true_fan": ("True fans", CONTENT, STAYS),
    "false_fan": ("False fans", CONTENT, GOES),
    "loyal_complainer": ("Loyal complainers", UNHAPPY, STAYS),
    "dissatisfied_leaver": ("Dissatisfied leavers", UNHAPPY, GOES),
}
ASIDE = {
    "silent_detractor": "were never asked, are served poorly, and spend less or left (silent ones)",
    None: "cannot be placed: no answer, or its 90 days are not over",
}


def _say_quadrants(rows: Rows) -> Sequence[str]:
    placed = [row for row in rows if row["say_do_quadrant"] in QUADRANTS]
    if not placed:
        return ["No customer can be placed yet: it takes an answer and the 90 days after it."]
    total = sum(row["customer_count"] for row in placed)
    split = [row for row in placed if row["say_do_quadrant"] in ("false_fan", "loyal_complainer")]
    other = sum(row["customer_count"] for row in split)
    sentence = (
        f"Of {total:,} customers with an answer and 90 days after it, {other:,} "
        f"({100 * other / total:.0f}%) do otherwise than they say."
    )
    aside = [
        f"{row['customer_count']:,} more {ASIDE[row['say_do_quadrant']]}."
        for row in rows
        if row["say_do_quadrant"] in ASIDE
    ]
    return [sentence, *aside]


def _draw_quadrants(rows: Rows) -> Sequence[Picture]:
    placed = [row for row in rows if row["say_do_quadrant"] in QUADRANTS]
    if not placed:
        return []
    total = sum(row["customer_count"] for row in placed)
    tiles = [_tile(row, total) for row in placed]
    base = alt.Chart(data(tiles)).encode(
        x=alt.X("do:N", sort=[STAYS, GOES], title=None, axis=_side(orient="top")),
        y=alt.Y("say:N", sort=[CONTENT, UNHAPPY], title=None, axis=_side(labelAngle=-90)),
        tooltip="words:N",
    )
    largest = max(tile["share"] for tile in tiles)
    opacity = alt.Opacity(
        "share:Q", scale=alt.Scale(domain=[0, largest], range=[0.06, 0.4]), legend=None
    )
    lines = [
        base.mark_text(dy=dy, fontSize=size, fontWeight=weight, color=INK).encode(text=f"{field}:N")
        for field, dy, size, weight in (
            ("name", -24, 12, 600), ("count", 0, 20, 600), ("money", 24, 12, 400),
        )
    ]  # fmt: skip
    described = "; ".join(tile["words"] for tile in tiles)
    chart = alt.layer(base.mark_rect(color=DO, cornerRadius=4).encode(opacity=opacity), *lines)
    unit = "customers, and their recurring revenue"
    chart = chart.properties(height=220)
    return [Picture("What they say against what they do", unit, f"{described}.", chart)]


def _side(**options: Any) -> alt.Axis:
    return alt.Axis(domain=False, ticks=False, grid=False, labelFontSize=12, labelAlign="center",
                    **({"labelAngle": 0} | options))  # fmt: skip


def _tile(row: Row, total: int) -> dict[str, Any]:
    name, say, do = QUADRANTS[row["say_do_quadrant"]]
    share = row["customer_count"] / total
    money = f"{row['monthly_recurring_revenue']:,.0f} {row['currency_code']} a month"
    return {
        "say": say, "do": do, "name": name, "share": share, "count": f"{row['customer_count']:,}",
        "money": money,
        "words": f"{name} ({say.lower()}, {do}): {row['customer_count']:,} customers, "
        f"{100 * share:.0f}%, {money}",
    }  # fmt: skip


def _say_bands(rows: Rows) -> Sequence[str]:
    return ["Customers by their latest answer; who never answered stands last."]


def _band_table(rows: Rows) -> Table:
    names = (
        "Latest satisfaction", "Customers", "Active", "Recurring revenue a month",
        "per active customer", "Revenue in 90 days", "Experience, 30 days",
    )  # fmt: skip
    return table(names, [_band(row) for row in rows])


def _band(row: Row) -> tuple[Any, ...]:
    active, revenue = row["active_count"], row["monthly_recurring_revenue"]
    name = (row["satisfaction_band"] or "no answer").capitalize()
    each = round(revenue / active, 2) if active else None
    figures = (row["revenue_90d"], row["experience_score_30d"])
    return (name, row["customer_count"], active, revenue, each, *figures)


SAY_DO = Section("say-do", "Say and do", QUADRANTS_SQL, _say_quadrants, _draw_quadrants)
BANDS = Section("bands", "Satisfaction and revenue", BANDS_SQL, _say_bands, tabulate=_band_table)
