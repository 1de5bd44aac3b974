"""Two homes of one delivery, built by DuckDB and by Spark, and what the two say."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from saydo.build import LAYERS, build_layer, prepare, resolve_as_of
from saydo.engine import open_database
from saydo.gate import check_sources, gate_marts
from saydo.landing import land_all
from saydo.release import publish
from saydo.release.content import table_columns, table_names, whole_hash
from saydo.release.database import REGISTRY
from saydo.settings import Settings
from saydo.sql import quoted

# When a table was built, how long that took, and its rows: what Spark keeps as a table is on DuckDB
# now and then a view, whose rows nobody counts.
OF_THE_RUN = {"data_map": {"row_count", "seconds", "built_at"}}
# Small tables: one part each, and no plan that is made again on the way.
PROPERTIES = """
master: local[2]
properties:
  spark.ui.enabled: false
  spark.default.parallelism: 1
  spark.sql.shuffle.partitions: 1
  spark.sql.adaptive.enabled: false
  # A plan runs a few times at most, and a catalog lives as long as its test.
  spark.driver.extraJavaOptions: >-
    -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Dderby.system.durability=test
"""


@dataclass
class Engines:
    """The same delivery in two homes. What is landed is landed once, and copied."""

    duckdb: Settings
    spark: Settings

    def deliver(self, write: Callable[[Path], object]) -> None:
        """Have `write` put files into the landing folder; land them, and share what was landed."""
        self.duckdb.landing.mkdir(parents=True, exist_ok=True)
        write(self.duckdb.landing)
        land_all(self.duckdb)
        check_sources(self.duckdb)
        for name in ("raw", "quarantine", "restricted"):
            source, target = self.duckdb.home / name, self.spark.home / name
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(source, target)
        self.spark.state.mkdir(parents=True, exist_ok=True)
        for file in self.duckdb.state.iterdir():
            if file.is_file() and not (self.spark.state / file.name).exists():
                shutil.copyfile(file, self.spark.state / file.name)

    def build(self, as_of: date | None = None, layers: Iterable[str] = LAYERS) -> None:
        """Build the candidate of both as of the day; of the last delivered one by default."""
        as_of = as_of or resolve_as_of(self.duckdb, None)
        for settings in (self.duckdb, self.spark):
            prepare(settings, as_of)
            for layer in layers:
                build_layer(settings, layer, as_of)

    def publish(self) -> tuple[str, str]:
        """Publish both candidates; the content hash of each release."""
        as_of = resolve_as_of(self.duckdb, None)
        hashes = []
        for settings in (self.duckdb, self.spark):
            gate_marts(settings)
            hashes.append(publish(settings, as_of)["content_hash"])
        return hashes[0], hashes[1]

    def differences(self, *tables: tuple[str, str]) -> list[str]:
        """Tables that the two candidates do not agree on, with how.

        Args:
            tables: schema and name; by default all that is published, and the registry.
        """
        ours, theirs = _contents(self.duckdb, tables), _contents(self.spark, tables)
        if missing := ours.keys() ^ theirs.keys():
            return [f"{name}: not in both" for name in sorted(missing)]
        return [f"{name}: {self._difference(name)}" for name in ours if ours[name] != theirs[name]]

    def _difference(self, name: str) -> str:
        schema, table = name.split(".")
        with open_database(self.duckdb) as connection:
            for alias, settings in (("ours", self.duckdb), ("theirs", self.spark)):
                connection.execute(f"attach '{settings.warehouse}' as {alias} (read_only)")
            columns, others = (
                table_columns(connection, alias, schema, table) for alias in ("ours", "theirs")
            )
            if columns != others:
                return f"columns {set(columns.items()) ^ set(others.items())}"
            first, second = (quoted(alias, schema, table) for alias in ("ours", "theirs"))
            unequal = []
            for column in columns:
                value = quoted(column)
                count = connection.execute(
                    f"select count(*) from (select {value} from {first} "
                    f"except all select {value} from {second})"
                ).fetchall()[0][0]
                if count:
                    unequal.append(f"{column} ({count} rows)")
            return ", ".join(unequal) or "the same values in other rows"


def _contents(settings: Settings, tables: tuple[tuple[str, str], ...]) -> dict[str, str]:
    with open_database(settings, settings.warehouse, read_only=True) as connection:
        catalog = settings.warehouse.stem
        if not tables:
            marts = table_names(connection, catalog, "marts")
            tables = (REGISTRY, *(("marts", name) for name in marts))
        return {
            f"{schema}.{name}": whole_hash(
                connection, catalog, schema, name, _columns(connection, catalog, schema, name)
            )
            for schema, name in tables
        }


def _columns(
    connection: duckdb.DuckDBPyConnection, catalog: str, schema: str, name: str
) -> dict[str, str]:
    """Those that do not tell of the run itself."""
    left_out = OF_THE_RUN.get(name, ())
    columns = table_columns(connection, catalog, schema, name)
    return {column: kind for column, kind in columns.items() if column not in left_out}


def two_homes(folder: Path, spark_file: Path, **files: Path) -> Engines:
    """A home for each engine, with these feeds and this policy."""
    common = {"memory_limit": "3400MB", "threads": 2, "spark_file": spark_file} | files
    return Engines(
        Settings(home=folder / "duckdb", engine="duckdb", **common),
        Settings(home=folder / "spark", engine="spark", **common),
    )
