"""The small Parquet files dbt reads beside raw: ledger, releases, what they carry, dictionaries."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from saydo.build.as_of import newest_day
from saydo.build.carried import carry_over
from saydo.build.variables import delivered_kpis
from saydo.durable import replace_table
from saydo.errors import DeliveryRefused
from saydo.estimate import empty_estimates
from saydo.identity.linkage import compared_file, empty_links, links_file
from saydo.landing import Batch, Due, expected_by_as_of, late_by_now, prepare_raw, read_ledger
from saydo.landing.ledger import current_batches
from saydo.landing.snapshots import landed_date
from saydo.notices import LATE, tell
from saydo.release import releases_table
from saydo.settings import Settings

BATCHES = pa.schema(
    [
        ("batch_id", pa.string()),
        ("feed", pa.string()),
        ("source", pa.string()),
        ("delivery", pa.string()),
        ("file_name", pa.string()),
        ("content_hash", pa.string()),
        ("file_size", pa.int64()),
        ("file_mtime_ns", pa.int64()),
        ("status", pa.string()),
        ("refused_reason", pa.string()),
        ("sequence", pa.int64()),
        ("landed_at", pa.timestamp("us")),  # naive UTC
        ("landed_date", pa.date32()),  # of the business, by the load order
        ("snapshot_date", pa.date32()),  # null: the file does not say its day
        ("absent", pa.string()),  # ended or erased
        ("delivered_count", pa.int64()),
        ("loaded_count", pa.int64()),
        ("quarantined_count", pa.int64()),
        ("duplicate_count", pa.int64()),
        ("filtered_count", pa.int64()),
        ("canonical_count", pa.int64()),
        ("empty_count", pa.int64()),
        ("is_reshaped", pa.bool_()),
        ("reason_counts", pa.string()),  # JSON
        ("warnings", pa.string()),  # JSON
        ("first_event_date", pa.date32()),
        ("last_event_date", pa.date32()),
        ("months", pa.string()),  # comma-separated YYYY-MM
    ]
)
QUESTION_TEXTS = pa.schema(
    [
        ("batch_id", pa.string()),
        ("sequence", pa.int64()),
        ("question_code", pa.string()),
        ("question_text", pa.string()),
    ]
)
ERASURES = pa.schema(
    [
        ("request_id", pa.string()),
        ("id_type", pa.string()),
        ("id_key", pa.string()),
        ("account_key", pa.string()),
        ("opened_at", pa.timestamp("us")),  # naive UTC, of the account; null: not known
        ("erased_at", pa.timestamp("us")),  # naive UTC; when the account was found
    ]
)
QUESTIONS = pa.schema([("question_code", pa.string()), ("role", pa.string())])
EXPECTED_DELIVERIES = pa.schema(
    [
        ("source", pa.string()),
        ("expected_by_at", pa.timestamp("us")),  # naive UTC; of a late feed, if there is one
        ("late_feeds", pa.string()),  # comma-separated; null: none
    ]
)
BETS = pa.schema(
    [
        ("bet_code", pa.string()),
        ("version", pa.int64()),
        ("owner", pa.string()),
        ("why", pa.string()),
        ("bet_outcome", pa.string()),
        ("horizon_months", pa.int64()),
        ("set_codes", pa.string()),  # comma-separated, in the order of the file
        ("evidence", pa.string()),  # of whom, and each set's predicate, as written
    ]
)
SEGMENTS = pa.schema(
    [
        ("segment_code", pa.string()),
        ("version", pa.int64()),
        ("segment_name", pa.string()),
        ("owner", pa.string()),
        ("predicate", pa.string()),  # as written
        ("consent", pa.string()),
    ]
)
IDENTIFIER_TYPES = pa.schema(
    [
        ("id_type", pa.string()),
        ("is_personal", pa.bool_()),
        ("is_shareable", pa.bool_()),
        ("is_anchor", pa.bool_()),
        ("normaliser", pa.string()),
        ("max_customers", pa.int64()),
        ("quarantine_days", pa.int64()),
    ]
)


def prepare(settings: Settings, as_of: date) -> dict[str, Any]:
    """Write what dbt reads from state/, each file replaced at once.

    Returns:
        as_of_date, batch_count, release_count, is_first_release.

    Raises:
        ConfigError: a KPI cannot be read; told here, before anything is built.
        DeliveryRefused: a delivery is late, and policy is to refuse that.
    """
    delivered_kpis(settings.feeds)
    prepare_raw(settings)
    ledger = read_ledger(settings)
    batches = batches_table(settings, ledger)
    tell_late(settings, ledger, as_of)
    releases = releases_table(settings)
    expected = expected_table(settings, ledger, as_of)
    replace_table(settings.state / "expected_deliveries.parquet", expected)
    replace_table(settings.state / "batches.parquet", batches)
    replace_table(settings.state / "question_texts.parquet", question_texts_table(ledger))
    replace_table(settings.state / "releases.parquet", releases)
    has_registry = carry_over(settings, ledger)
    erasures = erasures_file(settings)
    if not erasures.exists() or pq.read_schema(erasures).names != ERASURES.names:
        replace_table(erasures, recorded_erasures(settings))
    made = (links_file(settings), compared_file(settings))
    if not settings.policy.linkage.is_on or not all(file.exists() for file in made):
        empty_links(settings)  # with linkage on, written before identity is built
    empty_estimates(settings)
    write_dictionaries(settings)
    return {
        "as_of_date": as_of.isoformat(),
        "batch_count": batches.num_rows,
        "release_count": releases.num_rows,
        "is_first_release": not has_registry,
    }


def tell_late(
    settings: Settings, ledger: list[Batch], as_of: date, now: datetime | None = None
) -> None:
    """Name the deliveries that are not there though their time has passed.

    Args:
        settings: `policy.landing.on_late` decides whether the run goes on.
        ledger: every batch.
        as_of: the day that is built.
        now: the clock (naive UTC), for tests.

    Raises:
        DeliveryRefused: there are some, and policy is to refuse.
    """
    newest = newest_day(settings, ledger)
    is_newest = newest is None or as_of >= newest
    now = now or datetime.now(UTC).replace(tzinfo=None)
    late = late_by_now(settings, ledger, as_of, is_newest, now)
    notices = tell(settings, LATE, [due.notice for due in late])
    if late and settings.policy.landing.on_late == "refuse":
        told = "\n".join(notice.text for notice in notices)
        raise DeliveryRefused(
            f"{told}\nNothing is built, since landing.on_late of policy.yml is `refuse`; the last "
            "release keeps serving"
        )


def expected_table(settings: Settings, ledger: list[Batch], as_of: date) -> pa.Table:
    """Which deliveries are expected for a day, and which are not there: EXPECTED_DELIVERIES."""
    found: dict[str, list[Due]] = {}
    for due in expected_by_as_of(settings, ledger, as_of):
        found.setdefault(due.source, []).append(due)
    rows = [
        {
            "source": source,
            "expected_by_at": max((due.is_late, due.expected_by_at) for due in expected)[1],
            "late_feeds": ", ".join(sorted(due.feed for due in expected if due.is_late)) or None,
        }
        for source, expected in sorted(found.items())
    ]
    return pa.Table.from_pylist(rows, EXPECTED_DELIVERIES)


def write_dictionaries(settings: Settings) -> None:
    """What the feeds file says of question codes and of kinds of identifiers; bets; segments."""
    feeds = settings.feeds
    questions = [{"question_code": c, "role": r} for c, r in sorted(feeds.all_questions.items())]
    kinds = [
        {"id_type": name, **kind.model_dump()}
        for name, kind in sorted(feeds.all_identifier_types.items())
    ]
    dictionaries = settings.state / "dictionaries"
    replace_table(dictionaries / "questions.parquet", pa.Table.from_pylist(questions, QUESTIONS))
    replace_table(
        dictionaries / "identifier_types.parquet", pa.Table.from_pylist(kinds, IDENTIFIER_TYPES)
    )
    bets = [
        bet.model_dump(include={"version", "owner", "why", "horizon_months"})
        | {
            "bet_code": bet.code,
            "bet_outcome": bet.outcome,
            "set_codes": ", ".join(bet.sets),
            "evidence": "; ".join(
                f"{name}: {text}" for name, text in {"among": bet.among, **bet.sets}.items()
            ),
        }
        for bet in settings.bets.bets
    ]
    replace_table(dictionaries / "bets.parquet", pa.Table.from_pylist(bets, BETS))
    segments = [
        segment.model_dump(include=set(SEGMENTS.names))
        | {"segment_code": segment.code, "segment_name": segment.name}
        for segment in settings.segments.segments
    ]
    replace_table(dictionaries / "segments.parquet", pa.Table.from_pylist(segments, SEGMENTS))


def erasures_file(settings: Settings) -> Path:
    """The answers to erasure requests, kept by maintenance from the first one on."""
    return settings.state / "erasures.parquet"


def recorded_erasures(settings: Settings) -> pa.Table:
    """The recorded answers as a table of ERASURES; what an older file does not tell is null."""
    file = erasures_file(settings)
    return pq.read_table(file, schema=ERASURES) if file.is_file() else ERASURES.empty_table()


def batches_table(settings: Settings, ledger: list[Batch]) -> pa.Table:
    """The ledger as a table of BATCHES, one row per batch in load order."""
    zone = settings.feeds.business.zone
    absent = {feed.name: feed.absent for feed in settings.feeds.feeds}
    rows = []
    for batch in sorted(ledger, key=lambda entry: (entry.sequence, entry.batch_id)):
        row = {name: getattr(batch, name, None) for name in BATCHES.names}
        rows.append(
            row
            | {
                "landed_date": landed_date(batch, zone),
                "absent": absent.get(batch.feed, "ended"),
                "landed_at": _naive_utc(batch.landed_at),
                "reason_counts": json.dumps(row["reason_counts"], sort_keys=True),
                "warnings": json.dumps(row["warnings"]),
                "months": ",".join(row["months"]),
            }
        )
    return pa.Table.from_pylist(rows, BATCHES)


def question_texts_table(ledger: list[Batch]) -> pa.Table:
    """What delivered files call their questions, as a table of QUESTION_TEXTS."""
    rows = [
        {
            "batch_id": batch.batch_id,
            "sequence": batch.sequence,
            "question_code": code,
            "question_text": text,
        }
        for batch in current_batches(ledger)
        for code, text in sorted(batch.question_texts.items())
    ]
    return pa.Table.from_pylist(rows, QUESTION_TEXTS)


def _naive_utc(instant: str) -> datetime:
    return datetime.fromisoformat(instant).astimezone(UTC).replace(tzinfo=None)
