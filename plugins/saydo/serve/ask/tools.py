"""The current release as tools of the Model Context Protocol, over standard input and output.

A tool reads what is current when it is called. Whoever calls it may send whatever text they were
talked into sending: `saydo.serve.ask.reading` is what keeps a query harmless, not this module.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import wraps
from typing import Annotated, Any, ParamSpec

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations
from pydantic import Field

from saydo import __version__
from saydo.config.types import unknown
from saydo.errors import ConfigError, SaydoError
from saydo.serve.ask.metric_queries import list_metrics, query_metrics
from saydo.serve.ask.plain import plain
from saydo.serve.ask.reading import Answer, Limits, asked
from saydo.settings import Settings

_AT_ONE_TIME = 2
_BYTES = 2_000_000
_Parameters = ParamSpec("_Parameters")

_INSTRUCTIONS = """\
What the customers of a subscription business say (surveys), do (payments) and get (network), in
one audited release at a time. Start with list_metrics for headline figures and list_tables for
everything else; describe_table says what each column means. Prefer query_metric for a figure that
has a definition: SQL of your own is a second definition. Every answer names the release it is of.
Nothing here can be changed, and no table holds a name, an address or a clear identifier."""

_TABLES = """
select tables.table_name as name, tables.comment as description,
    tables.estimated_size as row_count, tables.column_count
from duckdb_tables() as tables where not tables.internal order by tables.table_name"""

_COLUMNS = """
select column_name as name, data_type as type, comment as description
from duckdb_columns() where not internal and table_name = ? order by column_index"""


class _Tools:
    """The tools themselves. The protocol tells callers each one's name, docstring and arguments."""

    def __init__(self, settings: Settings, limits: Limits):
        self._settings, self._limits = settings, limits

    def list_tables(self) -> dict[str, Any]:
        """List the tables of the current release, with what one row of each is."""
        with asked(self._settings, _TABLES, limits=self._limits) as answer:
            return {"release_id": answer.release_id, "tables": plain(answer.records())}

    def describe_table(
        self, table: Annotated[str, Field(description="As list_tables names it.")]
    ) -> dict[str, Any]:
        """Tell the columns of a table: name, type, meaning and unit."""
        with asked(self._settings, _TABLES, limits=self._limits) as answer:
            release_id, tables = answer.release_id, {row["name"]: row for row in answer.records()}
        if table not in tables:
            raise ConfigError(unknown("table", table, tables))
        with asked(self._settings, _COLUMNS, [table], self._limits, release_id) as answer:
            columns = plain(answer.records())
        return {"release_id": release_id, **plain(tables[table]), "columns": columns}

    def list_metrics(self) -> dict[str, Any]:
        """List the headline metrics: code, meaning, unit, and what each can be asked by."""
        return {"metrics": plain(list_metrics(self._settings, self._limits))}

    def query_metric(
        self,
        metrics: Annotated[list[str], Field(description="Codes of list_metrics.")],
        by: Annotated[
            tuple[str, ...],
            Field(description="Spans of time and segments, such as month, region_code."),
        ] = (),
        where: Annotated[
            dict[str, list[str]] | None, Field(description="Segment to the codes that count.")
        ] = None,
        start: Annotated[date | None, Field(description="First day that counts.")] = None,
        end: Annotated[date | None, Field(description="Last day that counts.")] = None,
    ) -> dict[str, Any]:
        """Ask headline metrics as they are defined, by month and by segment."""
        return plain(query_metrics(self._settings, metrics, by, where, start, end, self._limits))

    def run_query(
        self,
        sql: Annotated[str, Field(description="One select in DuckDB's SQL.")],
        max_rows: Annotated[
            int, Field(ge=1, description="No more than the server allows; is_cut tells of more.")
        ] = 100,
    ) -> dict[str, Any]:
        """Run one select over the tables of the current release."""
        most = min(max_rows, self._limits.row_count or max_rows)
        limits = replace(self._limits, row_count=most)
        with asked(self._settings, sql, limits=limits) as answer:
            return _table(answer)


def server(settings: Settings, row_count: int = 1000, seconds: float = 30) -> MCPServer[Any]:
    """The server of a home's current release; `run("stdio")` serves it until its input ends.

    Args:
        settings: the home. It is read, and not written to but for what queries spill.
        row_count: the most rows that an answer has.
        seconds: the most that a query may take; its process is ended then, and the server lives on.
    """
    # What fails is told to the caller; the log would keep the text of queries.
    made = MCPServer("saydo", instructions=_INSTRUCTIONS, version=__version__, log_level="WARNING")
    tools = _Tools(settings, Limits(row_count, seconds, _BYTES))
    hints = ToolAnnotations(read_only_hint=True, destructive_hint=False, open_world_hint=False)
    turns = threading.BoundedSemaphore(_AT_ONE_TIME)
    for method in (
        tools.list_tables,
        tools.describe_table,
        tools.list_metrics,
        tools.query_metric,
        tools.run_query,
    ):
        made.add_tool(_in_turn(method, turns), annotations=hints)
    return made


def _in_turn(
    method: Callable[_Parameters, dict[str, Any]], turns: threading.BoundedSemaphore
) -> Callable[_Parameters, dict[str, Any]]:
    """A tool that waits until few enough others run, and tells its errors to whoever called it."""

    @wraps(method)
    def run(*given: _Parameters.args, **named: _Parameters.kwargs) -> dict[str, Any]:
        with turns:
            try:
                return method(*given, **named)
            except SaydoError as error:
                raise ToolError(str(error)) from None

    return run


def _table(answer: Answer) -> dict[str, Any]:
    """Columns and rows apart: two columns of a query may have one name."""
    rows = [plain(list(row)) for row in answer.rows()]
    return {
        "release_id": answer.release_id,
        "columns": list(answer.columns),
        "rows": rows,
        "is_cut": answer.is_cut,
    }
