"""Where recurring revenue came from and went to, and how long customers stay."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import altair as alt

from saydo.report.drawing import DO, INK, SOFT, data
from saydo.report.section import Picture, Row, Rows, Section
from saydo.report.wording import month, signed

# A month is whole once its last day is over: the as-of day is the last that is known.
BRIDGE_SQL = """\
select month_start_date, currency_code, opening_mrr, new_mrr, expansion_mrr, reactivation_mrr,
    contraction_mrr, churned_mrr, closing_mrr, net_revenue_retention_ratio,
    gross_revenue_retention_ratio
from recurring_revenue_monthly
where segment_type = 'all' and currency_type = 'reporting'
    and month_start_date + interval 1 month
    <= (select max(as_of_date) + interval 1 day from customer_profiles)
qualify dense_rank() over (order by month_start_date desc) <= 12
order by month_start_date"""

COHORTS_SQL = """\
select cohort_month_start_date, month_number, customer_count, retained_customer_count,
    retained_customer_ratio, retained_revenue_ratio
from retention_cohorts
where month_number <= 24
qualify dense_rank() over (order by cohort_month_start_date desc) <= 24
order by cohort_month_start_date, month_number"""

MOVEMENTS = (
    ("new_mrr", "New customers", 1),
    ("expansion_mrr", "Pay more", 1),
    ("reactivation_mrr", "Came back", 1),
    ("contraction_mrr", "Pay less", -1),
    ("churned_mrr", "Left", -1),
)
SHADES = ("var(--do)", "var(--do-2)", "var(--do-3)", "var(--loss-2)", "var(--loss)")


def _moved(rows: Rows) -> list[tuple[str, Decimal]]:
    """What each movement came to over all the months, with its sign."""
    return [(name, sign * sum(row[column] for row in rows)) for column, name, sign in MOVEMENTS]


def _say_bridge(rows: Rows) -> Sequence[str]:
    first, last = rows[0], rows[-1]
    change = last["closing_mrr"] - first["opening_mrr"]
    worst = min(_moved(rows), key=lambda item: item[1])
    sentence = (
        f"Recurring revenue went from {first['opening_mrr']:,.0f} to {last['closing_mrr']:,.0f} "
        f"{last['currency_code']} a month in {_span(rows)} ({signed(change, 0)})"
    )
    if worst[1] < 0:
        cause = {"Left": "customers who left", "Pay less": "customers who pay less"}[worst[0]]
        sentence += f"; most was lost to {cause} ({signed(worst[1], 0)})"
    return [f"{sentence}."]


def _span(rows: Rows) -> str:
    count = len(rows)
    months = f"the {count} months" if count > 1 else "the month"
    return f"{months} to the end of {month(rows[-1]['month_start_date'])}"


def _draw_bridge(rows: Rows) -> Sequence[Picture]:
    currency = rows[-1]["currency_code"]
    steps = _steps(rows)
    start = _start(steps)
    cut = "; the axis does not begin at zero" if start else ""
    described = "; ".join(f"{step['name']} {step['amount']}" for step in steps)
    by_month = "; ".join(
        f"{month(row['month_start_date'])} {signed(row['closing_mrr'] - row['opening_mrr'], 0)}"
        for row in rows
    )
    return [
        Picture(
            "From begin to end", f"{currency} a month{cut}", f"{described}.",
            _waterfall(steps, start),
        ),
        Picture(
            "Gained and lost by month",
            f"{currency} a month; the stroke across is all together",
            f"What was gained less what was lost: {by_month}.",
            _by_month(rows),
        ),
    ]  # fmt: skip


def _steps(rows: Rows) -> list[dict[str, Any]]:
    """The bars of the bridge: where each begins and ends, and what it is."""
    at = rows[0]["opening_mrr"]
    name = f"1 {rows[0]['month_start_date']:%b %Y}"
    steps = [_step(name, Decimal(0), at, f"{at:,.0f}", SOFT)]
    for (name, amount), shade in zip(_moved(rows), SHADES, strict=True):
        steps.append(_step(name, at, at + amount, signed(amount, 0), shade))
        at += amount
    end = rows[-1]["closing_mrr"]
    name = f"End of {rows[-1]['month_start_date']:%b %Y}"
    return [*steps, _step(name, Decimal(0), end, f"{end:,.0f}", SOFT)]


def _step(name: str, low: Decimal, high: Decimal, amount: str, shade: str) -> dict[str, Any]:
    ends = {"begin": low, "end": high, "top": max(low, high)}
    return {"name": name, **ends, "amount": amount, "shade": shade, "words": f"{name}: {amount}"}


def _start(steps: Sequence[dict[str, Any]]) -> float:
    """Where the axis begins: so far below the least that movements are seen beside the whole."""
    top = max(float(step["top"]) for step in steps)
    least = min(float(min(step["top"], step["end"])) for step in steps)
    return max(least - (top - least) * 0.6, 0)


def _waterfall(steps: Sequence[dict[str, Any]], start: float) -> alt.LayerChart:
    """Bars that lie, so that their names have room on a narrow screen."""
    top = max(float(step["top"]) for step in steps)
    rows = [step | {"begin": max(float(step["begin"]), start)} for step in steps]
    scale = alt.Scale(domain=[start, top + ((top - start) or 1) * 0.4], nice=False)
    base = alt.Chart(data(rows)).encode(
        y=alt.Y("name:N", sort=None, title=None, axis=alt.Axis(grid=False)), tooltip="words:N"
    )
    x = alt.X("begin:Q", scale=scale, axis=None)
    bars = base.mark_bar(height=18).encode(
        x=x, x2="end:Q", color=alt.Color("shade:N", scale=None, legend=None)
    )
    text = base.mark_text(align="left", dx=6, color=INK).encode(
        x=alt.X("top:Q", scale=scale, axis=None), text="amount:N"
    )
    return alt.layer(bars, text).properties(height=30 * len(rows))


def _by_month(rows: Rows) -> alt.LayerChart:
    names = [name for _, name, _ in MOVEMENTS]
    parts = [
        {
            "month": f"{row['month_start_date']:%b %y}",
            "name": name,
            "order": order,
            "amount": sign * row[column],
            "words": f"{month(row['month_start_date'])}, {name.lower()}: "
            f"{signed(sign * row[column], 0)}",
        }
        for row in rows
        for order, (column, name, sign) in enumerate(MOVEMENTS)
    ]
    nets = [
        {
            "month": f"{row['month_start_date']:%b %y}",
            "net": net,
            "words": f"{month(row['month_start_date'])}, all together: {signed(net, 0)}",
        }
        for row in rows
        for net in [row["closing_mrr"] - row["opening_mrr"]]
    ]
    x = alt.X("month:N", sort=None, title=None, axis=alt.Axis(labelAngle=0, labelOverlap=True))
    y = alt.Axis(tickCount=5, format="~s")
    colour = alt.Color(
        "name:N",
        scale=alt.Scale(domain=names, range=list(SHADES)),
        legend=alt.Legend(title=None, columns=3),
    )
    bars = alt.Chart(data(parts)).mark_bar(size=16)
    ticks = alt.Chart(data(nets)).mark_tick(color=INK, thickness=3, size=18)
    return alt.layer(
        bars.encode(
            x=x, y=alt.Y("amount:Q", title=None, axis=y), color=colour, order="order:Q",
            tooltip="words:N",
        ),
        ticks.encode(x=x, y="net:Q", tooltip="words:N"),
    ).properties(height=210)  # fmt: skip


def _say_cohorts(rows: Rows) -> Sequence[str]:
    for age in (12, 6, 3, 1):
        at = [row for row in rows if row["month_number"] == age]
        if at:
            stay = sum(row["retained_customer_count"] for row in at)
            share = stay / sum(row["customer_count"] for row in at)
            who = "all cohorts shown that are as old" if len(at) > 1 else "the cohort as old"
            months = f"{age} months" if age > 1 else "one month"
            return [f"After {months}, {100 * share:.0f}% of the customers still pay ({who})."]
    return ["No cohort is a month old yet."]


def _draw_cohorts(rows: Rows) -> Sequence[Picture]:
    cells = [
        {
            "cohort": f"{row['cohort_month_start_date']:%b %Y}",
            "month_number": row["month_number"],
            "ratio": row["retained_customer_ratio"],
            "words": _cohort_words(row),
        }
        for row in rows
    ]
    cohorts = list(dict.fromkeys(cell["cohort"] for cell in cells))
    low = min(float(cell["ratio"]) for cell in cells)
    oldest = [row for row in rows if row["cohort_month_start_date"] == rows[0][
        "cohort_month_start_date"]]  # fmt: skip
    chart = (
        alt.Chart(data(cells))
        .mark_rect(color=DO)
        .encode(
            x=alt.X(
                "month_number:O", title="Months since the first payment",
                axis=alt.Axis(labelAngle=0, labelOverlap=True),
            ),
            y=alt.Y("cohort:N", sort=None, title=None, axis=alt.Axis(labelOverlap=True)),
            opacity=alt.Opacity(
                "ratio:Q",
                scale=alt.Scale(domain=[low, 1] if low < 1 else [0, 1], range=[0.08, 1]),
                legend=alt.Legend(title="Still pay", format=".0%", values=[low, (low + 1) / 2, 1]),
            ),
            tooltip="words:N",
        )
        .properties(height=18 * len(cohorts))
    )  # fmt: skip
    described = f"Oldest shown: {_cohort_words(oldest[-1])}."
    unit = "of those who first paid in a month, by months since"
    return [Picture("Share of customers who still pay", unit, described, chart)]


def _cohort_words(row: Row) -> str:
    return (
        f"first paid in {month(row['cohort_month_start_date'])}, "
        f"after {row['month_number']} months "
        f"{row['retained_customer_count']:,} of {row['customer_count']:,} "
        f"({100 * row['retained_customer_ratio']:.0f}%)"
    )


BRIDGE = Section("bridge", "Where revenue came from", BRIDGE_SQL, _say_bridge, _draw_bridge)
COHORTS = Section("cohorts", "How long customers stay", COHORTS_SQL, _say_cohorts, _draw_cohorts)
