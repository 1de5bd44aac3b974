"""A Saydo home with landed batches and a candidate warehouse, written without landing or dbt."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow

from saydo.contract import SOURCES, landed_columns
from saydo.landing.ledger import Batch, read_entry, write_entry
from saydo.settings import Settings

LANDED_AT = "2025-03-10T06:00:00+00:00"
START = datetime(2025, 3, 1, 9, 30)
PERSONAL = "jane.doe@example.com"


def key(number: int, id_type: str = "email") -> str:
    """A pseudonym such as landing makes."""
    return hashlib.sha256(f"{id_type}{number}".encode()).hexdigest()


def _whose(number: int) -> dict[str, Any]:
    return {"id_type": "email", "id_key": key(number)}


def good_row(source: str, number: int) -> dict[str, Any]:
    """One row of a clean delivery of any source; rows spread over nine days before landing."""
    at = START + timedelta(days=number % 9)
    rows: dict[str, dict[str, Any]] = {
        "accounts": {
            "account_key": key(number, "account"),
            "opened_at": at,
            "customer_type": "consumer",
            "birth_year": 1980,
            "region_code": "north",
        },
        "account_identifiers": {
            "account_key": key(number, "account"),
            **_whose(number),
            "valid_from_at": at,
        },
        "survey_invitations": {
            "invitation_id": f"i{number}",
            "survey_code": "tracker",
            "wave_date": at.date(),
            **_whose(number),
            "invited_at": at,
            "status": "sent",
        },
        "survey_responses": {
            "response_id": f"r{number}",
            "survey_code": "tracker",
            **_whose(number),
            "responded_at": at,
            "question_code": "overall",
            "score": 7,
            "scale_min": 0,
            "scale_max": 10,
            "answer_text": PERSONAL,
        },
        "subscriptions": {
            "subscription_id": f"s{number}",
            **_whose(number),
            "product_code": "plan_a",
            "product_type": "plan",
            "recurring_amount": 20,
            "currency": "GBP",
            "billing_interval": "month",
            "started_at": at,
        },
        "transactions": {
            "transaction_id": f"t{number}",
            **_whose(number),
            "occurred_at": at,
            "transaction_type": "charge",
            "amount": 20,
            "currency": "GBP",
        },
        "network_usage_daily": {
            **_whose(number),
            "usage_date": at.date(),
            "session_count": 10,
            "traffic_mb": 500,
            "delay_days": -3,
        },
        "network_sessions": {
            "session_id": f"s{number}",
            **_whose(number),
            "started_at": at,
            "ended_at": at + timedelta(minutes=20),
            "traffic_mb": 50,
            "delay_days": -3,
        },
        "network_incidents": {
            "incident_id": f"n{number}",
            "site_code": f"site{number}",
            "started_at": at,
            "ended_at": at + timedelta(hours=1),
            "severity_code": "minor",
        },
        "interactions": {
            "interaction_id": f"x{number}",
            **_whose(number),
            "occurred_at": at,
            "channel_code": "chat",
            "interaction_type": "question",
        },
        "experiment_assignments": {
            "experiment_code": "credit",
            **_whose(number),
            "variant_code": "control",
            "assigned_at": at,
        },
        "relationships": {
            **_whose(number),
            "to_id_type": "email",
            "to_id_key": key(number + 1),
            "relation_type": "referral",
            "since_at": at,
        },
        "erasure_requests": {"request_id": f"e{number}", **_whose(number), "requested_at": at},
    }
    return rows[source]


def good_rows(source: str, count: int = 40, **changes: Any) -> list[dict[str, Any]]:
    """Rows of a clean delivery, each with `changes`."""
    return [good_row(source, number) | changes for number in range(count)]


def land(
    settings: Settings,
    source: str,
    rows: list[dict[str, Any]],
    name: str = "one",
    status: str = "landed",
    **entry: Any,
) -> Batch:
    """Write a batch of `rows` as landing leaves it, with its ledger entry."""
    batch_id = f"{source}-{name}"
    measures = tuple(measure.name for measure in settings.feeds.all_measures)
    types = landed_columns(SOURCES[source], measures)
    folder = settings.raw / source / f"batch={batch_id}" / "month=all"
    folder.mkdir(parents=True)
    plumbing = {"_feed": source, "_batch_id": batch_id, "_batch_sequence": 1}
    full = [row | plumbing | {"_line_number": i + 2} for i, row in enumerate(rows)]
    content = pyarrow.Table.from_pylist(
        [{column: row.get(column) for column in types} for row in full] or [dict.fromkeys(types)]
    )
    casts = ", ".join(f'cast("{column}" as {kind}) as "{column}"' for column, kind in types.items())
    with duckdb.connect() as connection:
        connection.register("content", content)
        limit = "" if rows else "limit 0"
        connection.execute(
            f"copy (select {casts} from content {limit}) to '{folder / 'data.parquet'}'"
        )
    batch = Batch(
        batch_id=batch_id,
        feed=source,
        source=source,
        delivery=entry.pop("delivery", "incremental"),
        file_name=f"{source}/{name}.csv",
        content_hash=name,
        file_size=1,
        file_mtime_ns=1,
        status=status,
        sequence=entry.pop("sequence", 1),
        landed_at=LANDED_AT,
        delivered_count=len(rows),
        loaded_count=len(rows),
        **entry,
    )
    write_entry(settings, batch)
    return batch


FEEDS = """
business: {timezone: Europe/London, reporting_currency: GBP}
measures: [{name: delay_days, aggregate: max}]
feeds:
  - name: erasure_requests
    source: erasure_requests
    path: erasure/*.csv
    format: csv
    columns: {request_id: a, id_type: "'email'", id_value: b, requested_at: c}
"""


def make_settings(home: Path) -> Settings:
    """Settings of a new home with a small configuration."""
    home.mkdir(parents=True, exist_ok=True)
    (home / "feeds.yml").write_text(FEEDS)
    return Settings(home=home, feeds_file=home / "feeds.yml", threads=1, memory_limit="500MB")


def status(settings: Settings, batch: Batch) -> str:
    """The batch's status in the ledger."""
    return read_entry(settings, batch.batch_id).status


def stored_text(settings: Settings) -> str:
    """All that the gates have written."""
    return "".join(
        file.read_text() for file in (settings.state / "gate").rglob("*") if file.is_file()
    )
