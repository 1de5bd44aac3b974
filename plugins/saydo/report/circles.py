"""The bets of the business: where evidence meets, and whether an outcome is more frequent there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from saydo.report.drawing import DO, INK, LINE, ROW, SOFT, data
from saydo.report.section import Picture, Row, Rows, Section
from saydo.report.wording import listed, plain

CIRCLES_SQL = """\
select bet_code, set_codes, set_count, customer_count, expected_count, lift, adjusted_p,
    outcome_ratio, ci_low, ci_high, outcome_difference, difference_ci_low, difference_ci_high,
    outcome_adjusted_p, verdict, is_redundant, bet_outcome, horizon_months, cut_off_date, owner,
    base_outcome_count / nullif(base_customer_count, 0) as base_ratio
from success_circles
order by bet_code, set_count desc, lift desc nulls last, set_codes"""

_SHOWN = 12  # combinations of a bet with a place in its picture; the table has all


def best_bet(rows: Rows) -> str:
    """The proven circle whose outcome is furthest above everybody else's for sure, in words."""
    proven = [row for row in rows if row["verdict"] == "proven"]
    if not proven:
        bets = len({row["bet_code"] for row in rows})
        return f"Best bet: none of {bets} is proven." if bets > 1 else "Best bet: it is not proven."
    best = max(proven, key=lambda row: (row["difference_ci_low"], row["set_codes"]))
    return (
        f"Best bet: where {_sets(best)} meet ({best['customer_count']:,} customers, "
        f"{best['lift']:.1f} times as many as by chance), {best['bet_outcome']} holds for "
        f"{best['outcome_ratio']:.0%} within {best['horizon_months']} months, "
        f"{_points(best['outcome_difference'])} points more than for everybody else "
        f"({_points(best['difference_ci_low'])} to {_points(best['difference_ci_high'])}; "
        f"{best['bet_code']}, {best['owner']})."
    )


def _points(share: Any) -> str:
    return f"{100 * share:.1f}".replace("-", "−")


def _sets(row: Row) -> str:
    return listed(map(plain, row["set_codes"].split(" & ")))


def _say(rows: Rows) -> Sequence[str]:
    against = sorted({row["bet_code"] for row in rows if row["verdict"] == "contradicted"})
    told = [best_bet(rows)]
    if against:
        told.append(
            f"Contradicted, the outcome being rarer where evidence meets: {', '.join(against)}."
        )
    return told


def _draw(rows: Rows) -> Sequence[Picture]:
    bets: dict[str, list[Row]] = {}
    for row in rows:
        bets.setdefault(row["bet_code"], []).append(row)
    return [picture for found in bets.values() if (picture := _picture(found))]


def _picture(rows: Sequence[Row]) -> Picture | None:
    """One bet: a row of dots for each combination, and how often the outcome came inside."""
    names = sorted(row["set_codes"] for row in rows if row["set_count"] == 1)
    shown = [row for row in rows if row["set_count"] > 1 and row["customer_count"]][:_SHOWN]
    if not shown:
        return None
    bet = rows[0]
    told = [
        f"{_sets(row)} {row['outcome_ratio']:.0%} of {row['customer_count']:,} ({row['verdict']})"
        for row in shown
    ]
    return Picture(
        plain(bet["bet_code"]).capitalize(),
        f"share for whom {bet['bet_outcome']}, with its interval; the line is everybody; beside it "
        "customers, and how many times as many as by chance",
        f"{'; '.join(told)}.",
        _upset(shown, names, float(bet["base_ratio"])),
    )


def _upset(rows: Sequence[Row], names: Sequence[str], base_ratio: float) -> alt.LayerChart:
    top = max(base_ratio, *(float(row["ci_high"]) for row in rows))
    step = top / 9
    places = {name: -step * (len(names) - number) for number, name in enumerate(names)}
    bars = [
        {
            "row": number,
            "value": row["outcome_ratio"], "low": row["ci_low"], "high": row["ci_high"],
            "shade": DO if row["verdict"] == "proven" else SOFT,
            "label": f"{row['customer_count']:,} (×{row['lift']:.1f})" if row["lift"] else "",
            "words": f"{_sets(row)}: {row['outcome_ratio']:.0%} of {row['customer_count']:,}, "
            f"{plain(row['verdict'])}",
        }
        for number, row in enumerate(rows)
    ]  # fmt: skip
    dots = [
        {"row": number, "at": places[name], "shade": INK if name in inside else LINE}
        for number, row in enumerate(rows)
        for inside in [row["set_codes"].split(" & ")]
        for name in names
    ]
    scale = alt.Scale(domain=[-step * (len(names) + 0.5), top * 1.35], nice=False)
    heads = " : ".join(
        f"datum.value < {at + step / 2:.6g} ? '{plain(name)}'" for name, at in places.items()
    )
    ticks = [*places.values(), 0, top / 2, top]
    axis = alt.Axis(
        orient="top", values=ticks, labelExpr=f"{heads} : format(datum.value, '.0%')",
        labelAngle=-40, labelAlign="left", grid=False, labelOverlap=False, title=None,
    )  # fmt: skip
    y = alt.Y("row:O", axis=None)
    shade = alt.Color("shade:N", scale=None, legend=None)
    x = alt.X("value:Q", scale=scale, axis=axis)
    of_bars = alt.Chart().encode(y=y, tooltip="words:N")
    line = alt.Chart(alt.Data(values=[{}])).mark_rule(color=SOFT, strokeDash=[3, 3])
    return alt.layer(
        alt.Chart(data(dots)).mark_circle(size=90, opacity=1).encode(
            x=alt.X("at:Q", scale=scale, axis=axis), y=y, color=shade
        ),
        alt.layer(
            of_bars.mark_bar(height=12, opacity=0.75).encode(x=x, x2=alt.datum(0), color=shade),
            of_bars.mark_rule(strokeWidth=2, color=INK).encode(
                x=alt.X("low:Q", scale=scale, axis=axis), x2="high:Q"
            ),
            of_bars.mark_text(align="left", dx=6, color=INK).encode(
                x=alt.X("high:Q", scale=scale, axis=axis), text="label:N"
            ),
            data=data(bars),
        ),
        line.encode(x=alt.datum(base_ratio)),
    ).properties(height=ROW * len(rows))  # fmt: skip


CIRCLES = Section(
    "circles", "What was bet on, and what came of it", CIRCLES_SQL, _say, _draw, is_silent=True,
    note="Evidence is as of the cut-off, outcomes came after it; dots say which sets of evidence "
    "meet. Bets that are not proven, or contradicted, stay listed.",
)  # fmt: skip
