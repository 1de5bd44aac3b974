"""The report as HTML: what page.html is filled with, as it is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from saydo.metrics import definitions, shown
from saydo.pages import render
from saydo.release import HEADLINE_SQL, Headline
from saydo.report.chart import Chart, Series, panel
from saydo.report.figures import Band, Month

PAGE = Path(__file__).with_name("page.html")
LONG_TEXT = 40  # characters


@dataclass(frozen=True)
class Content:
    """What a page is made of, read from one release."""

    manifest: dict[str, Any]
    headlines: Sequence[Headline]
    months: Sequence[Month]
    bands: Sequence[Band]
    readiness: tuple[Sequence[str], Sequence[Sequence[Any]]]


class Column(NamedTuple):
    """A column of a table: its heading, and how it is set (a class of style.css, or none)."""

    name: str
    kind: str


class Table(NamedTuple):
    """A table as it is shown: each row has one text a column."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]


def render_report(content: Content) -> str:
    """The whole page."""
    manifest = content.manifest
    published = datetime.fromisoformat(manifest["published_at"])
    return render(
        PAGE,
        manifest=manifest,
        day=_day(date.fromisoformat(manifest["as_of_date"])),
        published=f"{_day(published)} at {published:%H:%M}",
        headlines=content.headlines,
        headline_sql=HEADLINE_SQL,
        charts=_charts(content.months),
        months=_months(content.months),
        bands=_bands(content.bands),
        tables=_tables(manifest),
        readiness=_readiness(*content.readiness),
        notices=_notices(manifest.get("notices", ())),
    )


def _charts(months: Sequence[Month]) -> list[Chart]:
    days = [month.day_date for month in months]

    def line(name: str, css_class: str, code: str, show: Callable[[float], str]) -> Series:
        values = [month.metrics.get(code) for month in months]
        return Series(name, css_class, [None if v is None else float(v) for v in values], show)

    lines = (
        line("They say: mean satisfaction (0–10)", "say", "satisfaction_score", "{:.2f}".format),
        line("They do: monthly recurring revenue at month end", "do", "mrr", "{:,.0f}".format),
        line("They get: mean experience score (0–100)", "get", "experience_score", "{:.1f}".format),
    )
    return [panel(one, days, one is lines[-1]) for one in lines]


def _months(months: Sequence[Month]) -> Table:
    """Every metric that is known by month; how many answered beside, since scores are of them."""
    past = months[:-1] or months
    metrics = [m for m in definitions() if any(m.code in month.metrics for month in past)]
    rows = [
        (
            f"{month.day_date:%b %Y}",
            _cell(int(month.answer_count)),
            *(_figure(month.metrics.get(metric.code), metric.unit) for metric in metrics),
        )
        for month in months
    ]
    names = ("Customers who answered", *(metric.label for metric in metrics))
    return Table([Column("Month", "instant"), *(Column(name, "number") for name in names)], rows)


def _figure(value: Decimal | None, unit: str) -> str:
    if value is None:
        return _cell(None)
    return _cell(value) if unit == "money" else shown(value, unit)


def _bands(bands: Iterable[Band]) -> Table:
    rows = [
        (
            (band.satisfaction_band or "no answer").capitalize(),
            band.customer_count,
            band.active_count,
            band.total_mrr,
            round(band.total_mrr / band.active_count, 2) if band.active_count else None,
            band.revenue_90d,
            _rounded(band.mean_experience_score),
        )
        for band in bands
    ]
    names = (
        "Latest satisfaction",
        "Customers",
        "Active",
        "Recurring revenue a month",
        "per active customer",
        "Revenue in 90 days",
        "Experience, 30 days",
    )
    return _table(names, rows)


def _tables(manifest: dict[str, Any]) -> Table:
    rows = [
        (
            name,
            _first_sentence(table["comment"]),
            manifest["row_counts"][name],
            len(table["columns"]),
        )
        for name, table in sorted(manifest["tables"].items())
    ]
    return _table(("Table", "What one row is", "Rows", "Columns"), rows)


def _first_sentence(text: str | None) -> str | None:
    return text.split(". ")[0].strip().rstrip(".") if text else None


def _readiness(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> Table:
    return _table([name.replace("_", " ") for name in names], rows)


def _notices(notices: Sequence[dict[str, Any]]) -> Table:
    """What the run that made the release had to say: rows left out, numbers changed, doubts."""
    rows = [(item["where"], item["count"], item["what"], item["advice"]) for item in notices]
    return _table(("Where", "How many", "What", "What to do"), rows)


def _table(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> Table:
    kinds = [_kind([row[index] for row in rows]) for index in range(len(names))]
    columns = [Column(*column) for column in zip(names, kinds, strict=True)]
    return Table(columns, [[_cell(value) for value in row] for row in rows])


def _kind(values: Sequence[Any]) -> str:
    """How a column is set: numbers to the right, instants on one line, long text with room."""
    known = [value for value in values if value is not None]
    if not known or any(isinstance(value, bool) for value in known):
        return ""
    if all(isinstance(value, int | float | Decimal) for value in known):
        return "number"
    if all(isinstance(value, datetime) for value in known):
        return "instant"
    return "long" if max(len(str(value)) for value in known) > LONG_TEXT else ""


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float | Decimal):
        return f"{value:,.2f}"
    return str(value)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
