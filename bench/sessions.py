"""Network usage landed and rolled up as sessions, against the same rows as daily usage.

What is measured grows with the rows: landing, the gate, and the models of usage. Both pay for dbt
itself, some six seconds that do not grow with the rows.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import duckdb

from bench.harness import Command, Comparison, apart, interleave

ROWS = 5_000_000
_MEASURES = {
    "failed_session_count": "failed", "usage_minutes": "minutes", "traffic_mb": "mb",
    "throughput_mbps": "mbps", "latency_ms": "ms",
}  # fmt: skip
_FEED = """
business: {{timezone: Europe/London, reporting_currency: GBP}}
feeds:
  - name: usage
    source: {source}
    path: usage.parquet
    format: parquet
    timezone: UTC
    columns: {{id_type: "'imsi'", id_value: imsi, {columns}}}
"""
_OWN = {
    "network_sessions": {
        "session_id": "id", "started_at": "began", "ended_at": "ended", "site_code": "cell"
    },
    "network_usage_daily": {
        "usage_date": "cast(began as date)", "session_count": "sessions", "site_code": "beam"
    },
}  # fmt: skip
_RUN = """
from datetime import date
from saydo.build import prepare
from saydo.build.dbt import invoke
from saydo.build.variables import dbt_variables
from saydo.gate import check_sources
from saydo.landing import land_all, prepare_raw
from saydo.settings import Settings
settings, day = Settings(), date(2025, 6, 30)
prepare_raw(settings)
land_all(settings)
check_sources(settings)
prepare(settings, day)
select = ["+int_network_usage_summarised_to_identifier_months",
          "+int_network_outages_summarised_to_identifier_days"]
done = invoke(settings, ["run", "--select", *select], dbt_variables(settings, day))
assert done and all(result.status == "success" for result in done), done
"""


def generate(file: Path, rows: int, a_day: int) -> None:
    """Write the rows: half a year of a card's `a_day` sessions in two cells.

    A daily row has a key of its own, so there those of a day are told apart by a site each. Of two
    a day each is alone in its cell: rolling up then leaves as many rows as there were.
    """
    cards = max(rows // (180 * a_day), 1)
    duckdb.sql(
        f"""
        copy (
            select
                'S' || lpad(cast(i as varchar), 10, '0') as id,
                '23415' || lpad(cast(i % {cards} as varchar), 10, '0') as imsi,
                'C' || ((i // {cards}) % 2) as cell,
                'B' || ((i // {cards}) % {a_day}) as beam,
                timestamp '2025-01-01' + to_days(cast(i // {a_day * cards} as integer))
                    + to_seconds(cast(hash(i) % 85000 as integer)) as began,
                began + to_seconds(cast(hash(i + 1) % 3600 as integer)) as ended,
                1 as sessions,
                cast(hash(i + 2) % 50 = 0 as integer) as failed,
                cast(hash(i + 3) % 600 as decimal(18, 2)) / 10 as minutes,
                cast(hash(i + 4) % 10000 as decimal(18, 2)) / 100 as mb,
                cast(hash(i + 5) % 300 as decimal(18, 2)) / 10 as mbps,
                cast(hash(i + 6) % 1500 as decimal(18, 2)) / 10 as ms
            from range({rows}) as numbers(i)
            order by i
        ) to '{file}' (format parquet)
        """
    )


def _command(place: Path, source: str, file: Path) -> Command:
    home, feeds = place / source, place / f"{source}.yml"
    columns = _OWN[source] | _MEASURES
    listed = ", ".join(f'{name}: "{text}"' for name, text in columns.items())
    feeds.write_text(_FEED.format(source=source, columns=listed))

    def fresh_home() -> None:
        shutil.rmtree(home, ignore_errors=True)
        (home / "landing").mkdir(parents=True)
        (home / "landing" / "usage.parquet").hardlink_to(file)

    env = {"SAYDO_HOME": str(home), "SAYDO_FEEDS_FILE": str(feeds), "SAYDO_PSEUDONYM_KEY": "a key"}
    return Command([sys.executable, "-c", _RUN], env, reset=fresh_home)


def measure(scratch: Path, runs: int, rows: int = ROWS) -> list[Comparison]:
    """The same rows, in turn, as sessions and as daily usage, for cards of ten and of two a day."""
    found = []
    for a_day in (10, 2):
        file = scratch / f"{a_day}_a_day_{rows}.parquet"
        if not file.exists():
            apart(generate, file, rows, a_day)
        timed = interleave({source: _command(scratch, source, file) for source in _OWN}, runs)
        found.append(
            Comparison(
                f"{rows:,} sessions, {a_day} a day, landed and rolled up",
                timed["network_sessions"],
                timed["network_usage_daily"],
                2,
                "the same rows as daily usage",
            )
        )
    return found
