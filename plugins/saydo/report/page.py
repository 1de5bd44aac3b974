"""The report as HTML. Every value is escaped; nothing is loaded from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from html import escape
from typing import Any

from saydo.release import Headline
from saydo.report.chart import Series, panel
from saydo.report.figures import Band, Month
from saydo.report.style import STYLE

LONG_TEXT = 40  # characters

CONNECT = """\
# DuckDB 1.2 or later; the two settings keep a SQL box from reading the server's files
import duckdb
release = duckdb.connect(
    "published/current/marts.duckdb",
    read_only=True,
    config={"enable_external_access": "false", "lock_configuration": "true"},
)
release.sql("select * from customer_profiles limit 10").df()

# or any engine that reads Parquet
import pandas
pandas.read_parquet("published/current/customer_profiles.parquet")"""


@dataclass(frozen=True)
class Content:
    """What a page is made of, read from one release."""

    manifest: dict[str, Any]
    headlines: Sequence[Headline]
    months: Sequence[Month]
    bands: Sequence[Band]
    readiness: tuple[Sequence[str], Sequence[Sequence[Any]]]


def render(content: Content) -> str:
    """The whole page."""
    day = _day(date.fromisoformat(content.manifest["as_of_date"]))
    parts = (
        _header(content.manifest, day),
        "<main>",
        _cards(content.headlines),
        _months(content.months),
        _bands(content.bands),
        _tables(content.manifest),
        _readiness(*content.readiness),
        _gate(content.manifest["gate"]),
        _notices(content.manifest.get("notices", ())),
        f"<h2>How to connect</h2><pre>{escape(CONNECT)}</pre>",
        "</main>",
        _footer(content.manifest),
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Customers as of {day}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n"
        + "\n".join(parts)
        + "\n</body>\n</html>\n"
    )


def _header(manifest: dict[str, Any], day: str) -> str:
    published = datetime.fromisoformat(manifest["published_at"])
    return (
        f"<header><h1>What customers say, do and get, as of {day}</h1>"
        f'<p class="soft">Release {escape(manifest["release_id"])}, published '
        f"{_day(published)} at {published:%H:%M} UTC</p></header>"
    )


def _cards(headlines: Iterable[Headline]) -> str:
    cards = "".join(
        f'<section class="card"><h2>{escape(item.label)}</h2><p>{escape(item.value)}</p>'
        f"<details><summary>The SQL</summary><pre>{escape(item.sql)}</pre></details></section>"
        for item in headlines
    )
    return f'<div class="cards">{cards}</div>'


def _months(months: Sequence[Month]) -> str:
    days = [month.month_start_date for month in months]
    panels = (
        Series(
            "They say: mean satisfaction (0–10)",
            "say",
            [month.mean_satisfaction_score for month in months],
            lambda value: f"{value:.2f}",
        ),
        Series(
            "They do: monthly recurring revenue at month end",
            "do",
            [float(month.closing_mrr) for month in months],
            lambda value: f"{value:,.0f}",
        ),
        Series(
            "They get: mean experience score (0–100)",
            "get",
            [month.mean_experience_score for month in months],
            lambda value: f"{value:.1f}",
        ),
    )
    charts = "".join(panel(series, days, series is panels[-1]) for series in panels)
    rows = [
        (
            f"{month.month_start_date:%B %Y}",
            month.response_count,
            _rounded(month.mean_satisfaction_score),
            month.closing_mrr,
            _rounded(month.mean_experience_score),
        )
        for month in months
    ]
    names = ("Month", "Customers who answered", "Satisfaction", "Recurring revenue", "Experience")
    return (
        '<h2>Month by month</h2><p class="soft">Each line has its own scale, from its lowest to '
        "its highest month. Lines that move together do not show that one moves the other.</p>"
        f'<div class="wide" tabindex="0">{charts}</div>'
        f"<details><summary>The same as a table</summary>{_table(names, rows)}</details>"
    )


def _bands(bands: Iterable[Band]) -> str:
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
    return f"<h2>Satisfaction and revenue</h2>{_table(names, rows)}"


def _tables(manifest: dict[str, Any]) -> str:
    rows = [
        (
            name,
            _first_sentence(table["comment"]),
            manifest["row_counts"][name],
            len(table["columns"]),
        )
        for name, table in sorted(manifest["tables"].items())
    ]
    names = ("Table", "What one row is", "Rows", "Columns")
    return f"<h2>What was published</h2>{_table(names, rows)}"


def _first_sentence(text: str | None) -> str | None:
    return text.split(". ")[0].strip().rstrip(".") if text else None


def _readiness(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    labels = [name.replace("_", " ") for name in names]
    return f"<h2>What the data can bear</h2>{_table(labels, rows)}"


def _gate(gate: dict[str, Any]) -> str:
    count = gate["warning_count"]
    verdict = "none of them warned" if not count else f"{count:,} warned"
    return (
        f"<h2>The audit</h2><p>{gate['evaluated_count']:,} expectations were checked before "
        f"anybody could read this release; {verdict}. "
        '<a href="../gate/docs/index.html">All results</a></p>'
    )


def _notices(notices: Sequence[dict[str, Any]]) -> str:
    """What the run that made the release had to say: rows left out, numbers changed, doubts."""
    if not notices:
        return "<h2>What to know</h2><p>Nothing was left out, and nothing stood out.</p>"
    rows = [(item["where"], item["count"], item["what"], item["advice"]) for item in notices]
    names = ("Where", "How many", "What", "What to do")
    return f"<h2>What to know</h2>{_table(names, rows)}"


def _footer(manifest: dict[str, Any]) -> str:
    return (
        f"<footer><p>Saydo {escape(manifest['code_version'])} · content "
        f"{escape(manifest['content_hash'])} · {len(manifest['batch_ids']):,} batches</p></footer>"
    )


def _table(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """A table in a box of its own that scrolls, by keyboard too, where the screen is narrow."""
    if not rows:
        return '<p class="none">Nothing yet.</p>'
    kinds = [_kind([row[index] for row in rows]) for index in range(len(names))]
    head = "".join(
        f'<th scope="col"{kind}>{escape(name)}</th>'
        for name, kind in zip(names, kinds, strict=True)
    )
    body = "".join(
        f'<tr><th scope="row"{kinds[0]}>{_cell(row[0])}</th>'
        + "".join(f"<td{kind}>{_cell(v)}</td>" for v, kind in zip(row[1:], kinds[1:], strict=True))
        + "</tr>"
        for row in rows
    )
    return (
        f'<div class="wide" tabindex="0"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _kind(values: Sequence[Any]) -> str:
    """How a column is set: numbers to the right, instants on one line, long text with room."""
    known = [value for value in values if value is not None]
    if not known or any(isinstance(value, bool) for value in known):
        return ""
    if all(isinstance(value, int | float | Decimal) for value in known):
        return ' class="number"'
    if all(isinstance(value, datetime) for value in known):
        return ' class="instant"'
    return ' class="long"' if max(len(str(value)) for value in known) > LONG_TEXT else ""


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
    return escape(str(value))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
