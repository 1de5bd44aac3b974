"""Which columns a column is made from, as sqlglot reads it from the SQL that dbt compiled."""

from __future__ import annotations

import hashlib
import json
import logging
import re
from pathlib import Path

from saydo.durable import replace_json
from saydo.lineage.graph import Graph, in_order
from saydo.settings import Settings

log = logging.getLogger(__name__)

# What a column of a table is made from: (table, column), sorted.
Sources = list[list[str]]
_LITERAL = re.compile(r"'(?:[^']|'')*'")
_BUILT = ("staging", "intermediate", "mart")


def column_lineage(settings: Settings, graph: Graph) -> dict[str, dict[str, Sources]]:
    """Table to column to what it is made from, of every model whose SQL dbt has compiled.

    Reading the SQL of all models costs seconds, so the answers are kept by the SQL: the day and
    other texts in it change from run to run and say nothing of columns. A model that cannot be read
    has no entry; the log says which.
    """
    file = settings.state / "lineage" / "columns.json"
    known = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    compiled = _compiled(settings)
    found: dict[str, dict[str, Sources]] = {}
    kept: dict[str, dict[str, Sources]] = {}
    reader = _Reader(settings.engine)
    for name in in_order(graph):
        declared = graph[name].declared
        if declared.columns:
            reader.add(name, list(declared.columns))
        path = compiled / declared.compiled
        if declared.kind not in _BUILT or not path.is_file():
            continue
        sql = path.read_text(encoding="utf-8")
        key = hashlib.sha256(f"{name} {_LITERAL.sub('', sql)}".encode()).hexdigest()
        if key not in known:
            known[key] = reader.read(name, sql)
        found[name] = kept[key] = known[key]
    if kept != known or not file.is_file():
        replace_json(file, kept)
    return {name: columns for name, columns in found.items() if columns}


def _compiled(settings: Settings) -> Path:
    target = "target" if settings.engine == "duckdb" else settings.engine
    return settings.state / "dbt" / target / "compiled"


class _Reader:
    """Reads the SQL of models, given the columns of the tables below them."""

    def __init__(self, dialect: str) -> None:
        from sqlglot.schema import MappingSchema

        self._dialect = dialect
        self._schema = MappingSchema(dialect=dialect)

    def add(self, name: str, columns: list[str]) -> None:
        partitions = ("batch", "month") if name.startswith("raw.") else ()  # names of folders
        self._schema.add_table(name, dict.fromkeys((*columns, *partitions), "varchar"))

    def read(self, name: str, sql: str) -> dict[str, Sources]:
        import sqlglot
        from sqlglot import exp
        from sqlglot.errors import SqlglotError
        from sqlglot.lineage import lineage

        try:
            query = sqlglot.parse_one(sql, read=self._dialect)
            for table in query.find_all(exp.Table):
                _name_source(table)
            columns = lineage(
                None, query, self._schema, dialect=self._dialect, copy=False, trim_selects=False
            )
        except (SqlglotError, ValueError, KeyError) as error:
            log.info("the columns of %s could not be read: %s", name, str(error).splitlines()[0])
            return {}
        return {
            column: sorted(
                [f"{leaf.expression.db}.{leaf.expression.name}", leaf.name.rpartition(".")[2]]
                for leaf in node.walk()
                if isinstance(leaf.expression, exp.Table) and leaf.expression.db
            )
            for column, node in columns.items()
        }


def _name_source(table: object) -> None:
    """Give the files of a source the name that dbt knows them by, and no table its catalog."""
    from sqlglot import exp

    table.set("catalog", None)
    path = table.this.find(exp.Literal) if isinstance(table.this, exp.ReadParquet) else None
    if path is None:
        return
    parts = Path(path.this).parts
    place = next((i for i, part in enumerate(parts) if part.startswith("batch=")), None)
    schema, identifier = (parts[-2], Path(parts[-1]).stem)
    if place is not None:
        schema, identifier = "raw", parts[place - 1]
    elif schema == "dictionaries":
        schema = "configuration"
    table.set("this", exp.to_identifier(identifier, quoted=True))
    table.set("db", exp.to_identifier(schema, quoted=True))
