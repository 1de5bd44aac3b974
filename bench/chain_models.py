"""The models of the chain as dbt compiles them, over months of customers made elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import duckdb
import pyarrow as pa

from saydo.build import prepare
from saydo.build.dbt import invoke
from saydo.build.inputs import DBT_PROJECT
from saydo.build.variables import dbt_variables
from saydo.settings import Settings

FOLDER = DBT_PROJECT / "models" / "intermediate" / "effects"
READS = "int_customer_months_measured"
ORDER = (
    "int_chain_months_aligned", "int_chain_risks_split", "int_chain_units_measured",
    "int_chain_rows_centred", "int_chain_products_summarised_to_groups",
    "int_chain_totals_summarised_to_group_months", "int_chain_months_paired_to_groups",
    "int_chain_scores_counted",
)  # fmt: skip
VIEWS = {"int_chain_risks_split"}
_DECIMALS = {
    "satisfaction_score": "decimal(9, 4)", "experience_score": "decimal(9, 4)",
    "revenue": "decimal(18, 2)", "opening_mrr": "decimal(18, 2)", "closing_mrr": "decimal(18, 2)",
}  # fmt: skip


def compiled_chain(settings: Settings, as_of: date) -> dict[str, str]:
    """The SQL of each model as of a day; `settings.home` is a scratch folder of its own."""
    prepare(settings, as_of)
    results = invoke(settings, ["compile", "--select", *ORDER], dbt_variables(settings, as_of))
    target = settings.state / "dbt" / "target"
    return {
        result.name: (target / result.compiled_path).read_text()
        for result in results
        if result.kind == "model" and result.compiled_path
    }


def load_months(connection: duckdb.DuckDBPyConnection, months: pa.Table) -> None:
    """Make the table that the models read of planted months."""
    connection.register("planted_months", months)
    kinds = {
        name: _DECIMALS.get(name, "decimal(18, 6)" if name.startswith("kpi_") else None)
        for name in months.column_names
    }
    columns = ", ".join(f"{n}::{kind} as {n}" if kind else n for n, kind in kinds.items())
    connection.execute("create schema if not exists intermediate")
    connection.execute(
        f"create or replace table intermediate.{READS} as select {columns} from planted_months"
    )
    connection.unregister("planted_months")


def run_chain(connection: duckdb.DuckDBPyConnection, sql: Mapping[str, str]) -> None:
    """Make every table of the chain; the connection's database is named as the compiled one's."""
    for name in ORDER:
        kind = "view" if name in VIEWS else "table"
        connection.execute(f"create or replace {kind} intermediate.{name} as {sql[name]}")


def chain_sums(connection: duckdb.DuckDBPyConnection) -> dict[str, pa.Table]:
    """The tables that estimators read, by name, in their order."""
    return {
        name: connection.execute(f"select * from intermediate.{name} order by all").to_arrow_table()
        for name in ORDER[4:]
    }
