"""What customers say over time, and beside it what they do and get."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from saydo.metrics import definitions, shown
from saydo.report.drawing import DO, GET, SAY, months
from saydo.report.section import Picture, Row, Rows, Section
from saydo.report.tables import Column, Table, cell
from saydo.report.wording import month, signed

NPS_SQL = """\
select scores.month_start_date, metrics.value as nps, metrics.standard_error as nps_standard_error,
    metrics.value - 1.96 * metrics.standard_error as nps_low,
    metrics.value + 1.96 * metrics.standard_error as nps_high,
    scores.invited_count, scores.response_count, scores.response_ratio,
    scores.effective_response_count, scores.is_small_cell
from metrics_daily as metrics
inner join satisfaction_monthly as scores
    on date_trunc('month', metrics.day_date) = scores.month_start_date
    and metrics.segment_type = scores.segment_type
where metrics.metric_code = 'nps' and metrics.segment_type = 'all'
    and scores.question_role = 'recommend'
qualify dense_rank() over (order by scores.month_start_date desc) <= 24
order by scores.month_start_date"""

MONTHS_SQL = """\
select day_date, metric_code, value, denominator, unit
from metrics_daily
where segment_type = 'all'
qualify dense_rank() over (order by day_date desc) <= 24
order by day_date, metric_code"""

LINES = (
    ("satisfaction_score", "They say: satisfaction", "mean of the month, 0 to 10", SAY, ".2~f"),
    ("mrr", "They do: recurring revenue", "{unit} a month, at the month's end", DO, ",.0f"),
    ("experience_score", "They get: experience score", "mean of the month, 0 to 100", GET, ".1~f"),
)


def _nps_words(row: Row) -> str:
    words = f"{signed(row['nps'], 1)}"
    if row["nps_low"] is not None:
        words += f" ({signed(row['nps_low'], 1)} to {signed(row['nps_high'], 1)})"
    return words


def _say_nps(rows: Rows) -> Sequence[str]:
    last = rows[-1]
    sentence = f"In {month(last['month_start_date'])} the net promoter score was {_nps_words(last)}"
    if last["response_ratio"] is not None:
        sentence += f"; {100 * last['response_ratio']:.0f}% of those who were asked answered"
    return [f"{sentence}."]


def _draw_nps(rows: Rows) -> Sequence[Picture]:
    points = [
        {
            "month_start_date": row["month_start_date"],
            "value": row["nps"],
            "low": row["nps_low"],
            "high": row["nps_high"],
            "words": f"{month(row['month_start_date'])}: {_nps_words(row)}",
        }
        for row in rows
    ]
    first, last = rows[0], rows[-1]
    description = (
        f"From {_nps_words(first)} in {month(first['month_start_date'])} to {_nps_words(last)} in "
        f"{month(last['month_start_date'])}; in brackets 95% intervals."
    )
    unit = "points, −100 to 100, with the 95% interval"
    return [Picture("Net promoter score", unit, description, months(points, SAY, "d"))]


def _say_months(rows: Rows) -> Sequence[str]:
    return [
        "Each line has its own scale, from its lowest to its highest month. Lines that move "
        "together do not show that one moves the other."
    ]


def _draw_months(rows: Rows) -> Sequence[Picture]:
    days = sorted({row["day_date"] for row in rows})
    pictures = []
    for code, title, of, colour, form in LINES:
        found = {row["day_date"]: row for row in rows if row["metric_code"] == code}
        if not found:
            continue
        points: list[dict[str, Any]] = [
            {
                "month_start_date": day.replace(day=1),
                "value": found[day]["value"] if day in found else None,
                "words": _month_words(found[day]) if day in found else "not known",
                "low": None,
                "high": None,
            }
            for day in days
        ]
        known = sorted(found.values(), key=lambda row: row["value"])
        description = (
            f"Lowest {_month_words(known[0])}; highest {_month_words(known[-1])}; "
            f"last {_month_words(found[max(found)])}."
        )
        unit = of.format(unit=known[0]["unit"])
        pictures.append(Picture(title, unit, description, months(points, colour, form)))
    return pictures


def _month_words(row: Row) -> str:
    return f"{month(row['day_date'])}: {shown(row['value'], row['unit'])}"


def _month_table(rows: Rows) -> Table:
    """A row a month; how many answered beside, since scores are of them."""
    values = {(row["day_date"], row["metric_code"]): row for row in rows}
    days = sorted({row["day_date"] for row in rows})
    metrics = [
        m for m in definitions() if any((day, m.code) in values for day in days[:-1] or days)
    ]

    def figure(row: Row | None) -> str:
        return "–" if row is None else shown(row["value"], row["unit"])

    lines = []
    for day in days:
        score = values.get((day, "satisfaction_score"))
        answered = cell(int(score["denominator"]) if score else None)
        figures = (figure(values.get((day, metric.code))) for metric in metrics)
        lines.append((f"{day:%b %Y}", answered, *figures))
    names = ("Customers who answered", *(metric.label for metric in metrics))
    return Table([Column("Month", "instant"), *(Column(name, "number") for name in names)], lines)


NPS = Section("nps", "Net promoter score", NPS_SQL, _say_nps, _draw_nps)
MONTHS = Section(
    "months", "What they say, do and get, month by month", MONTHS_SQL, _say_months, _draw_months,
    tabulate=_month_table,
)  # fmt: skip
