"""Great Expectations over one DuckDB file: one context, one data source, all suites in a process.

DuckDB has no data source of its own in GX; duckdb-sqlalchemy carries it. GX reads a result after
its connection was handed back, hence the two keyword arguments that keep the result alive.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb

from saydo.engine import limits, spill_folder
from saydo.gate.gx import import_gx, memory_context
from saydo.gate.rules import Suite, describe
from saydo.gate.samples import failing_condition, row_text
from saydo.room import raise_lack
from saydo.settings import Settings
from saydo.sql import literal, quoted

_SAMPLES = 5
_FAILING_BATCHES = 10_000


@dataclass(frozen=True)
class Finding:
    """One failed expectation.

    `rows` name what failed by key or by counts, never by a personal value: of a delivery one row
    or more per failing batch, of a mart a few failing rows. An expectation about the whole table,
    or one that raised, has none.
    """

    expectation: str
    is_critical: bool
    note: str
    observed: str
    rows: tuple[dict[str, Any], ...] = ()

    @property
    def severity(self) -> str:
        """`critical` refuses; `warning` is shown to a person."""
        return "critical" if self.is_critical else "warning"

    @property
    def samples(self) -> list[str]:
        """A few of the failing rows as text."""
        return [row_text(row) for row in self.rows[:_SAMPLES]]

    @property
    def told(self) -> list[Finding]:
        """One finding for each row that says itself what it is (a doubt), else this one."""
        if not self.rows or "doubt" not in self.rows[0]:
            return [self]
        return [
            replace(
                self, expectation=row["doubt"], observed=row["seen"], note=row["advice"], rows=()
            )
            for row in self.rows
        ]


@dataclass(frozen=True)
class Outcome:
    """What one suite found on one table, and GX's own result of it."""

    suite: str
    row_count: int
    evaluated_count: int
    findings: tuple[Finding, ...]
    result: Any = field(repr=False)

    @property
    def critical(self) -> list[Finding]:
        """The findings that refuse."""
        return [finding for finding in self.findings if finding.is_critical]

    @property
    def warnings(self) -> list[Finding]:
        """The findings that a person should see."""
        return [finding for finding in self.findings if not finding.is_critical]


class Engine:
    """Evaluates suites on the tables of one DuckDB file, opened read-only.

    `connection` takes SQL as DuckDB's own do. It is of the same opening of the file that the suites
    are evaluated in: to attach the file elsewhere and close it would unlock it for this process.
    """

    def __init__(self, datasource: Any, connection: duckdb.DuckDBPyConnection) -> None:
        self._datasource = datasource
        self._sql = datasource.get_engine()
        self.connection = connection

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """The rows of a query, as dicts."""
        with self._sql.connect() as connection:
            return [dict(row) for row in connection.exec_driver_sql(sql).mappings()]

    def tables(self, schema: str) -> list[str]:
        """Table and view names of a schema, sorted."""
        sql = (
            "select table_name from information_schema.tables "
            f"where table_schema = {literal(schema)}"
        )
        return sorted(row["table_name"] for row in self.rows(sql))

    def columns(self, schema: str, table: str) -> list[str]:
        """Column names of a table, in order; none if there is no such table."""
        sql = (
            "select column_name from information_schema.columns "
            f"where table_schema = {literal(schema)} and table_name = {literal(table)} "
            "order by ordinal_position"
        )
        return [row["column_name"] for row in self.rows(sql)]

    def substitute(self, query: str, schema: str, table: str) -> str:
        """An unexpected-rows query as GX will run it."""
        return query.format(
            batch=f"(select * from {quoted(schema)}.{quoted(table)} where true) as subselect"
        )

    def explain(self, sql: str) -> str | None:
        """Why a query cannot be planned, or None. It is not run."""
        from sqlalchemy.exc import SQLAlchemyError

        try:
            self.rows(f"explain {sql}")
        except SQLAlchemyError as error:
            reason = str(getattr(error, "orig", error)).split("\n\n")[0]
            return " ".join(reason.split())
        return None

    def validate(self, suite: Suite, schema: str) -> Outcome:
        """Evaluate a suite on its table.

        A failing rule counts by its own severity, and an exception inside one as critical: a
        warning that could not be evaluated has not been checked.
        """
        gx = import_gx()
        for position, rule in enumerate(suite.expectations):
            rule.meta = {"position": position}  # GX gives results back in an order of its own
        with warnings.catch_warnings():
            # GX would rather have the schema in the connection, which DuckDB has no place for.
            warnings.simplefilter("ignore", DeprecationWarning)
            asset = self._datasource.add_table_asset(
                name=suite.name, table_name=suite.table, schema_name=schema
            )
        batch = asset.add_batch_definition_whole_table("all").get_batch()
        result = batch.validate(
            gx.ExpectationSuite(name=suite.name, expectations=list(suite.expectations)),
            # No failing value is kept: it might be personal, and results are published.
            result_format={"result_format": "BASIC", "partial_unexpected_count": 0},
        )
        relation = f"{quoted(schema)}.{quoted(suite.table)}"
        return Outcome(
            suite.name,
            self.rows(f"select count(*) as row_count from {relation}")[0]["row_count"],
            result.statistics["evaluated_expectations"],
            tuple(
                self._finding(suite, schema, item) for item in result.results if not item.success
            ),
            result,
        )

    def _finding(self, suite: Suite, schema: str, item: Any) -> Finding:
        from sqlalchemy.exc import SQLAlchemyError

        rule = suite.expectations[item.expectation_config.meta["position"]]
        note = rule.notes if isinstance(rule.notes, str) else " ".join(rule.notes)
        error = _exception(item.exception_info)
        if not error:
            is_critical = rule.severity.value == "critical"
            try:
                rows = self._failing_rows(suite, schema, rule)
                return Finding(describe(rule), is_critical, note, _observed(item.result), rows)
            except SQLAlchemyError as raised:  # counting them did not read all that it selects
                error = str(raised).strip().split("\n")[0]
        raise_lack(error)  # says nothing about the data
        return Finding(describe(rule), True, note, f"the expectation itself failed: {error}")

    def _failing_rows(self, suite: Suite, schema: str, rule: Any) -> tuple[dict[str, Any], ...]:
        relation = f"{quoted(schema)}.{quoted(suite.table)}"
        limit = _FAILING_BATCHES if suite.kind == "sources" else _SAMPLES
        condition = failing_condition(rule, relation)
        if query := getattr(rule, "unexpected_rows_query", None):
            query = self.substitute(query, schema, suite.table)
        elif condition is None:
            return ()
        elif suite.kind == "sources":
            query = (
                "select _batch_id, count(*) as failing_row_count, "
                "min(_line_number) as first_line_number "
                f"from {relation} where {condition} group by _batch_id order by _batch_id"
            )
        else:
            key = ", ".join(quoted(column) for column in suite.key)
            query = f"select {key} from {relation} where {condition} order by all"
        return tuple(self.rows(f"select * from ({query}) limit {limit}"))


@contextmanager
def open_engine(database: Path, settings: Settings) -> Iterator[Engine]:
    """Open a DuckDB file read-only for validation; on leaving, its lock is given back.

    Until then nobody else writes: other processes fail to lock the file, and DuckDB refuses a
    second opening for writing in this one. All that is read is one state of the file.
    """
    context = memory_context(import_gx())
    with spill_folder(settings) as spill:
        datasource = context.data_sources.add_or_update_sql(
            "gate",
            connection_string=_address(database),
            kwargs={
                "isolation_level": "AUTOCOMMIT",
                "skip_autocommit_rollback": True,
                "connect_args": {"config": limits(settings, spill)},
            },
        )
        engine = datasource.get_engine()
        try:
            # Held from the first look to the last: pools close and open connections as they like.
            with engine.connect() as held:
                yield Engine(datasource, held.connection.dbapi_connection)
        finally:
            # GX validates through an engine of its own, with its own pool: both hold the file.
            datasource.get_execution_engine().engine.dispose()
            engine.dispose()


def _address(database: Path) -> str:
    """The file's address, whatever its path holds."""
    from sqlalchemy import URL

    url = URL.create(
        "duckdb", database=str(database.absolute()), query={"access_mode": "read_only"}
    )
    return url.render_as_string(hide_password=False)


def _exception(info: dict[str, Any]) -> str | None:
    """First line of the exception inside an expectation, in either of the shapes GX gives."""
    entries = [info] if "raised_exception" in info else list(info.values())
    for entry in entries:
        if entry.get("raised_exception"):
            return str(entry.get("exception_message") or "no message").strip().split("\n")[0]
    return None


def _observed(result: dict[str, Any]) -> str:
    if "unexpected_count" in result:
        share = result.get("unexpected_percent") or 0
        return f"{result['unexpected_count']} of {result['element_count']} rows ({share:.2f} %)"
    return str(result.get("observed_value"))
