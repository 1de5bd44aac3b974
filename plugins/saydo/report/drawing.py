"""The few kinds of charts that the report draws, and their one look, in light and in dark.

Colours are the page's own (style.css), which change with light and dark; a colour has one meaning:
what customers say, what they do, what they get. Data are rows of plain values; `words` of a row is
what a pointer shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import altair as alt

SAY, DO, GET, LOSS, SOFT, INK, LINE, PAPER = (
    f"var(--{name})" for name in ("say", "do", "get", "loss", "soft", "ink", "line", "paper")
)
FONT = "system-ui, 'Segoe UI', 'Helvetica Neue', 'DejaVu Sans', sans-serif"
LOOK = {
    "background": None,
    "font": FONT,
    "view": {"stroke": None},
    "aria": False,  # the picture has its own description, and its table
    "axis": {
        "labelColor": SOFT, "titleColor": SOFT, "domainColor": LINE, "tickColor": LINE,
        "gridColor": LINE, "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": 400,
        "labelLimit": 150, "titlePadding": 8,
    },
    "axisY": {"domain": False, "ticks": False, "labelPadding": 8},
    "axisX": {"labelOverlap": True, "labelSeparation": 6, "labelFlush": True},
    "legend": {
        "labelColor": INK, "titleColor": SOFT, "labelFontSize": 12, "orient": "top",
        "symbolType": "square", "symbolStrokeWidth": 0,
    },
    "text": {"color": INK, "fontSize": 12},
    "line": {"strokeWidth": 2.5, "strokeJoin": "round"},
}  # fmt: skip
ROW = 30  # pixels of one name in a chart that has names down its side


def data(rows: Sequence[dict[str, Any]]) -> alt.Data:
    """Rows as a chart takes them: exact decimals become numbers, days become texts."""
    return alt.Data(values=[{name: _plain(v) for name, v in row.items()} for row in rows])


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, date) else value


def effects(
    rows: Sequence[dict[str, Any]], colour: str, domain: Sequence[float] | None = None
) -> alt.LayerChart:
    """Points with their intervals beside a line at zero, one row each, in their order.

    Args:
        rows: name, value, low, high, words, is_sure (grey if not).
        colour: of what they mean.
        domain: the ends of the axis, to compare charts by; by default the values'.
    """
    scale = alt.Scale(domain=list(domain)) if domain else alt.Scale(zero=True)
    axis = alt.Axis(tickCount=4, grid=False)
    base = _named().encode(color=alt.condition("datum.is_sure", alt.value(colour), alt.value(SOFT)))
    zero = alt.Chart(alt.Data(values=[{}])).mark_rule(color=SOFT, strokeDash=[3, 3])
    point = base.mark_circle(size=80, opacity=1)
    span = base.mark_rule(strokeWidth=2).encode(x=alt.X("low:Q", scale=scale), x2="high:Q")
    return alt.layer(
        zero.encode(x=alt.datum(0)),
        *_if_known(span, rows),
        point.encode(x=alt.X("value:Q", title=None, axis=axis, scale=scale)),
        data=data(rows),
    ).properties(height=ROW * len(rows))


def amounts(rows: Sequence[dict[str, Any]], colour: str) -> alt.LayerChart:
    """Bars from zero with their intervals, one row each, in their order; columns as `effects`."""
    bar = _named().mark_bar(height=14, color=colour, opacity=0.75)
    span = _named().mark_rule(strokeWidth=2, color=INK).encode(x="low:Q", x2="high:Q")
    axis = alt.Axis(tickCount=3, format="~s")
    return alt.layer(
        bar.encode(x=alt.X("value:Q", title=None, axis=axis)),
        *_if_known(span, rows),
        data=data(rows),
    ).properties(height=ROW * len(rows))


def months(rows: Sequence[dict[str, Any]], colour: str, form: str) -> alt.LayerChart:
    """A line by month on a scale of its own, in its interval where one is known.

    A month without a value is a gap.

    Args:
        rows: month_start_date, value, low and high (None: not known), words.
        colour: of what the line means.
        form: how the axis writes a value.
    """
    base = alt.Chart().encode(x=month_axis(), tooltip="words:N")
    scale = alt.Scale(zero=False, nice=True)
    axis = alt.Axis(tickCount=4, format=form)
    band = base.mark_area(opacity=0.18, color=colour)
    line = base.mark_line(color=colour, point=alt.OverlayMarkDef(color=colour, size=28))
    return alt.layer(
        *_if_known(band.encode(y=alt.Y("low:Q", scale=scale), y2="high:Q"), rows),
        line.encode(y=alt.Y("value:Q", title=None, scale=scale, axis=axis)),
        data=data(rows),
    ).properties(height=150)


def _named() -> alt.Chart:
    """What charts with names down their side have in common."""
    names = alt.Y("name:N", sort=None, title=None, axis=alt.Axis(grid=False))
    return alt.Chart().encode(y=names, tooltip="words:N")


def _if_known(layer: alt.Chart, rows: Sequence[dict[str, Any]]) -> list[alt.Chart]:
    """The layer of intervals, if there is any: a scale cannot be made of nothing."""
    return [layer] if any(row["low"] is not None for row in rows) else []


def month_axis() -> alt.X:
    """Months along a chart, the same wherever it is looked at."""
    return alt.X(
        "month_start_date:T",
        title=None,
        scale=alt.Scale(type="utc"),
        axis=alt.Axis(
            format="%b %Y", tickCount=6, grid=False, labelOverlap="greedy", labelSeparation=12
        ),
    )
