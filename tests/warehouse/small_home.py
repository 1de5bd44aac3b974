"""A small home for warehouse tests: raw Parquet and state as landing leaves them, and dbt."""

from __future__ import annotations

import gc
import json
import os
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from parsed_once import parsed_once

from saydo.actions.store import KINDS
from saydo.build.carried import (
    IDENTITY_CHANGES,
    INPUT_CHANGES,
    PUBLISHED_CUSTOMERS,
    PUBLISHED_DECISIONS,
    PUBLISHED_FIGURES,
    PUBLISHED_READINESS,
    REGISTRY,
    RELEASE_CHANGES,
    RESTATEMENTS,
    SEGMENT_MEMBERSHIPS,
)
from saydo.build.prepare import (
    BATCHES,
    BETS,
    ERASURES,
    EXPECTED_DELIVERIES,
    IDENTIFIER_TYPES,
    QUESTION_TEXTS,
    QUESTIONS,
    SEGMENTS,
)
from saydo.build.variables import RUN_VARIABLES, rule_variables
from saydo.config import Feeds, Policy
from saydo.contract import SOURCES, landed_columns
from saydo.estimate import ESTIMATORS
from saydo.identity.linkage import COMPARED_ACCOUNTS, PROPOSED_LINKS
from saydo.release.history import HISTORY_SCHEMA

CARRIED = {
    "registry": REGISTRY,
    "identity_changes": IDENTITY_CHANGES,
    "published_customers": PUBLISHED_CUSTOMERS,
}
PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"
FEEDS = Feeds(feeds=[])
MEASURES = tuple(measure.name for measure in FEEDS.all_measures)
ARROW = {
    "varchar": pa.string(),
    "timestamp": pa.timestamp("us"),
    "date": pa.date32(),
    "boolean": pa.bool_(),
    "bigint": pa.int64(),
    "decimal(18,2)": pa.decimal128(18, 2),
    "decimal(18,6)": pa.decimal128(18, 6),
}
_EMPTY_BATCH = {
    "delivery": "incremental", "status": "accepted", "refused_reason": None, "file_size": 1,
    "file_mtime_ns": 1, "quarantined_count": 0, "duplicate_count": 0, "filtered_count": 0,
    "reason_counts": "{}", "warnings": "[]", "snapshot_date": None, "absent": "ended",
    "landed_date": "2025-01-01", "empty_count": 0, "is_reshaped": False,
}  # fmt: skip


def raw_schema(source: str) -> pa.Schema:
    """The Arrow schema of a source's raw Parquet, with the built-in measures."""
    columns = landed_columns(SOURCES[source], MEASURES)
    return pa.schema([(name, ARROW[kind]) for name, kind in columns.items()])


def typed(value: Any, kind: pa.DataType) -> Any:
    """A literal of a test as the column's type: ISO text for times, numbers for decimals."""
    if value is None or isinstance(value, (datetime, date, bool)):
        return value
    if pa.types.is_timestamp(kind):
        return datetime.fromisoformat(value)
    if pa.types.is_date(kind):
        return date.fromisoformat(value)
    return Decimal(str(value)) if pa.types.is_decimal(kind) else value


class SmallHome:
    """One home under `root`. Deliver rows, build models, query what came out."""

    def __init__(self, root: Path):
        self.root = root
        self.batches: list[dict[str, Any]] = []
        for source in SOURCES:
            self._write(source, "none", "none", [])
        for name, schema in CARRIED.items():
            self.write_state(name, [], schema)
        self.write_state("input_changes", [], INPUT_CHANGES)
        self.write_state("release_changes", [], RELEASE_CHANGES)
        self.write_state("published_figures", [], PUBLISHED_FIGURES)
        self.write_state("restatement_log", [], RESTATEMENTS)
        self.write_state("published_readiness", [], PUBLISHED_READINESS)
        self.write_state("proposed_links", [], PROPOSED_LINKS)
        self.write_state("compared_accounts", [], COMPARED_ACCOUNTS)
        self.write_state("releases", [], HISTORY_SCHEMA)
        self.write_state("erasures", [], ERASURES)
        self.write_state("question_texts", [], QUESTION_TEXTS)
        self.write_state("expected_deliveries", [], EXPECTED_DELIVERIES)
        for kind in KINDS:
            self.write_state(kind.name, [], kind.schema)
        for estimator in ESTIMATORS:
            self.write_state(f"estimates/{estimator.name}", [], estimator.schema)
        self.write_state(
            "dictionaries/questions",
            [{"question_code": c, "role": r} for c, r in FEEDS.all_questions.items()],
            QUESTIONS,
        )
        self.write_state("published_decisions", [], PUBLISHED_DECISIONS)
        self.write_state("segment_memberships", [], SEGMENT_MEMBERSHIPS)
        self.write_state("dictionaries/bets", [], BETS)
        self.write_state("dictionaries/segments", [], SEGMENTS)
        self.write_state(
            "dictionaries/identifier_types",
            [{"id_type": n} | k.model_dump() for n, k in FEEDS.all_identifier_types.items()]
            + [{"id_type": "order_id", "is_personal": False, "is_shareable": False,
                "is_anchor": False, "normaliser": "none", "max_customers": 1,
                "quarantine_days": 0}],
            IDENTIFIER_TYPES,
        )  # fmt: skip
        self._write_batches()

    def write_state(self, name: str, rows: list[dict[str, Any]], schema: pa.Schema) -> None:
        """Replace one file of state/."""
        file = self.root / "state" / f"{name}.parquet"
        file.parent.mkdir(parents=True, exist_ok=True)
        filled = [{f.name: typed(row.get(f.name), f.type) for f in schema} for row in rows]
        pq.write_table(pa.Table.from_pylist(filled, schema), file)

    def deliver(
        self, source: str, rows: Iterable[dict[str, Any]], feed: str | None = None, **batch: Any
    ) -> str:
        """Land rows (raw column names) as one batch; `batch` overrides its ledger entry."""
        sequence = len(self.batches) + 1
        feed = feed or source
        batch_id = f"{feed}-{sequence:012d}"
        schema = raw_schema(source)
        plumbing = {"_feed": feed, "_batch_id": batch_id, "_batch_sequence": sequence}
        filled = [
            {f.name: typed(row.get(f.name), f.type) for f in schema}
            | plumbing
            | {"_line_number": number}
            for number, row in enumerate(rows, start=2)
        ]
        event = SOURCES[source].event_time
        days = sorted(str(row[event])[:10] for row in filled if event and row[event] is not None)
        months: dict[str, list[dict[str, Any]]] = {}
        for row in filled:
            month = str(row[event])[:7] if SOURCES[source].monthly else "all"
            months.setdefault(month, []).append(row)
        for month, part in months.items():
            self._write(source, batch_id, month, part)
        self.batches.append(
            _EMPTY_BATCH
            | {
                "batch_id": batch_id, "feed": feed, "source": source, "sequence": sequence,
                "file_name": f"{feed}/{sequence}.csv", "content_hash": batch_id,
                "landed_at": "2025-01-01 00:00:00", "delivered_count": len(filled),
                "canonical_count": len(filled), "loaded_count": len(filled),
                "months": ",".join(sorted(months)),
                "first_event_date": days[0] if days else None,
                "last_event_date": days[-1] if days else None,
            }
            | batch
        )  # fmt: skip
        self._write_batches()
        return batch_id

    def keep_registry(self, release_id: str = "r") -> dict[str, list[dict[str, Any]]]:
        """What publishing does: the registry and the log of this build are the next one's."""
        log = self.rows("select * from intermediate.int_identity_changes_logged")
        kept = {
            "registry": self.rows("select * from intermediate.int_identity_registered"),
            "identity_changes": [
                row | {"release_id": row["release_id"] or release_id} for row in log
            ],
            "published_customers": self.rows(
                "select customer_id from intermediate.int_customers_resolved"
            ),
        }
        for name, schema in CARRIED.items():
            self.write_state(name, kept[name], schema)
        return kept

    def keep_figures(self, release_id: str, as_of_date: str) -> None:
        """What publishing does: the figures and the log of this build are the next one's."""
        figures = self.rows("select * from marts.published_figures")
        log = self.rows("select * from marts.restatement_log")
        for row in log:
            row["changed_in_release"] = row["changed_in_release"] or release_id
        release = {"release_id": release_id, "as_of_date": as_of_date, "is_current": True,
                   "published_at": f"{as_of_date} 23:00:00"}  # fmt: skip
        self.write_state("published_figures", figures, PUBLISHED_FIGURES)
        self.write_state("restatement_log", log, RESTATEMENTS)
        self.write_state("releases", [release], HISTORY_SCHEMA)

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """Query the warehouse, read-only."""
        with duckdb.connect(str(self.root / "warehouse.duckdb"), read_only=True) as connection:
            result = connection.execute(sql)
            names = [column[0] for column in result.description]
            return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def _write(self, source: str, batch: str, month: str, rows: list[dict[str, Any]]) -> None:
        folder = self.root / "raw" / source / f"batch={batch}" / f"month={month}"
        folder.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.Table.from_pylist(rows, raw_schema(source)), folder / "data.parquet")

    def _write_batches(self) -> None:
        self.write_state("batches", self.batches, BATCHES)


class Dbt:
    """dbt in this process, over whichever home is current.

    Homes take turns behind one symlink: dbt sees the same paths, so the project is parsed once.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self.threads = 2
        self.messages: list[str] = []

    def turn_to(self, home: SmallHome) -> Path:
        """Make a home the current one; the views of its warehouse read raw through the link."""
        current = self.folder / "current"
        current.unlink(missing_ok=True)
        current.symlink_to(home.root)
        return current

    def __call__(
        self, home: SmallHome, command: str, *select: str, **variables: Any
    ) -> dict[str, str]:
        """Run `dbt <command> --select …`; returns the status of each node by name."""
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager
        from dbt.cli.main import dbtRunner

        current = self.turn_to(home)
        os.environ.update(
            SAYDO_DBT_WAREHOUSE=str(current / "warehouse.duckdb"),
            SAYDO_DBT_RAW=str(current / "raw"),
            SAYDO_DBT_STATE=str(current / "state"),
            SAYDO_DBT_THREADS=str(self.threads),
            SAYDO_DBT_MEMORY="2GB",
        )
        told = rule_variables(FEEDS, FEEDS.all_kpis, Policy()) | variables
        # As in a run: the day is of no matter to what the project is.
        timeless = {name: value for name, value in told.items() if name not in RUN_VARIABLES}

        def invoke(manifest: Any, *arguments: str) -> Any:
            return dbtRunner(manifest, [lambda event: note(event.info.msg)]).invoke([
                "--quiet", "--no-use-colors", "--log-level-file", "none", *arguments,
                "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT),
                "--target-path", str(self.folder / "target"),
            ])  # fmt: skip

        def parse() -> Any:
            outcome = invoke(None, "parse", "--vars", json.dumps(timeless))
            assert outcome.result is not None, outcome.exception
            return outcome.result

        note = self.messages.append
        try:
            manifest = parsed_once((str(self.folder), json.dumps(timeless)), parse)
            self.messages.clear()
            asked = [command, "--select", *select, "--vars", json.dumps(told)]
            outcome = invoke(manifest, "--no-write-json", *asked)
            if not outcome.success:
                gc.collect()  # an error keeps the connection that it was met on
        finally:
            DuckDBConnectionManager.close_all_connections()
        assert outcome.result is not None, outcome.exception
        self.compiled = {
            r.node.name: r.node.compiled_code
            for r in outcome.result.results
            if getattr(r.node, "compiled_code", None)
        }
        self.failures = {r.node.name: r.message for r in outcome.result.results if r.message}
        return {r.node.name: str(r.status) for r in outcome.result.results}

    def build_models(self, home: SmallHome, *select: str, **variables: Any) -> None:
        """Run models; every one must succeed."""
        statuses = self(home, "run", *select, **variables)
        unsuccessful = {name: s for name, s in statuses.items() if s != "success"}
        broken = {name: self.failures.get(name, status) for name, status in unsuccessful.items()}
        assert statuses and not broken, broken
