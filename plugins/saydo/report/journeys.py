"""The paths that customers take through what happens to them, and the step that hurts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from saydo.report.drawing import DO, INK, LOSS, PAPER, ROW, data
from saydo.report.section import Picture, Row, Rows, Section
from saydo.report.wording import plain, with_interval

JOURNEYS_SQL = """\
select start_type, path, path_step_count, worst_step, worst_step_number, journey_count,
    customer_count, resolved_ratio, left_ratio, median_hours, satisfaction_change, ci_low, ci_high,
    worst_step_change, worst_step_ci_low, worst_step_ci_high
from (
    select *,
        row_number() over (order by journey_count desc, start_type, path) as common_rank,
        row_number() over (
            order by case when worst_step_ci_high < 0 then worst_step_change end nulls last,
                start_type, path
        ) as hurt_rank
    from journey_paths
    where path_step_count > 1
) as paths
where common_rank <= 10 or hurt_rank = 1 and worst_step_ci_high < 0
order by journey_count desc, start_type, path"""

_SHOWN = 10


def _say(rows: Rows) -> Sequence[str]:
    hurting = [row for row in rows if row["worst_step"] and row["worst_step_ci_high"] < 0]
    most = max(rows, key=lambda row: row["journey_count"])
    told = [
        f"The most common path of more than one step is {_path(most)}: {most['journey_count']:,} "
        f"journeys of {most['customer_count']:,} customers."
    ]
    if not hurting:
        return [*told, "After no step of a path does satisfaction fall for sure."]
    worst = min(hurting, key=lambda row: row["worst_step_change"])
    change = with_interval(
        worst["worst_step_change"], worst["worst_step_ci_low"], worst["worst_step_ci_high"]
    )
    return [
        *told,
        f"The step that hurts most is {plain(worst['worst_step'])}, step "
        f"{worst['worst_step_number']} of {_path(worst)}: around it satisfaction changes by "
        f"{change} points of 10.",
    ]


def _path(row: Row) -> str:
    return plain(row["path"]).replace(" > ", " → ")


def _draw(rows: Rows) -> Sequence[Picture]:
    shown = list(rows[:_SHOWN])
    described = "; ".join(f"{_path(row)} {row['journey_count']:,}" for row in shown)
    title = f"The {len(shown)} most common paths of more than one step"
    unit = "journeys, by their steps from left to right; red: the step after which scores fall"
    return [Picture(title, unit, f"{described}.", _icicle(shown))]


def _icicle(rows: Rows) -> alt.LayerChart:
    """Steps side by side, paths that begin alike together, as high as their journeys are many."""
    blocks = _blocks(rows)
    base = alt.Chart().encode(
        x=alt.X("left:Q", axis=None),
        y=alt.Y("top:Q", axis=None, scale=alt.Scale(reverse=True)),
        tooltip="words:N",
    )
    bars = base.mark_rect(stroke=PAPER, strokeWidth=2, opacity=0.75).encode(
        x2="right:Q", y2="bottom:Q", color=alt.Color("shade:N", scale=None, legend=None)
    )
    texts = base.mark_text(align="left", dx=6, color=INK, clip=True).encode(
        y=alt.Y("middle:Q", axis=None, scale=alt.Scale(reverse=True)), text="name:N"
    )
    return alt.layer(bars, texts, data=data(blocks)).properties(height=ROW * max(len(rows), 4))


def _blocks(rows: Rows) -> list[dict[str, Any]]:
    """One block for each beginning that paths have in common."""
    ordered = sorted(rows, key=_order(rows))
    blocks: dict[tuple[str, ...], dict[str, Any]] = {}
    top = 0
    # The rarest is as high as its name needs: a tenth of all journeys would be a hairline.
    least = max(sum(row["journey_count"] for row in rows) / (2 * len(rows)), 1)
    for row in ordered:
        bottom = top + max(row["journey_count"], least)
        steps = row["path"].split(" > ")
        for number in range(1, len(steps) + 1):
            begins = (row["start_type"], *steps[:number])
            block = blocks.setdefault(
                begins,
                {
                    "name": plain(steps[number - 1]), "left": number - 1, "right": number,
                    "top": top, "shade": DO, "count": 0,
                },
            )  # fmt: skip
            block["count"] += row["journey_count"]
            block["bottom"] = bottom
            block["middle"] = (block["top"] + bottom) / 2
            block["words"] = f"{' → '.join(map(plain, begins[1:]))}: {block['count']:,} journeys"
            if number == row["worst_step_number"] and row["worst_step_ci_high"] < 0:
                block["shade"] = LOSS
        top = bottom
    return list(blocks.values())


def _order(rows: Rows) -> Any:
    """Paths that begin alike lie together, the most common beginning first."""
    counts: dict[tuple[str, ...], int] = {}
    for row in rows:
        begins = (row["start_type"], *row["path"].split(" > "))
        for length in range(1, len(begins) + 1):
            part = begins[:length]
            counts[part] = counts.get(part, 0) + row["journey_count"]

    def key(row: Row) -> list[tuple[int, str]]:
        begins = (row["start_type"], *row["path"].split(" > "))
        return [(-counts[begins[:n]], begins[n - 1]) for n in range(1, len(begins) + 1)]

    return key


JOURNEYS = Section(
    "journeys", "The paths that customers take", JOURNEYS_SQL, _say, _draw, is_silent=True,
    note="Who takes a path differs from who takes another: these are associations, no effects. "
    "A type of event that repeats is one step, and surveys are none but where they begin a path.",
)  # fmt: skip
