"""What a build of a small project leaves: two feeds, a raw table of each, models and a reader."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from saydo.landing.ledger import Batch, write_entry
from saydo.lineage.project import Declared, project_file
from saydo.settings import Settings

BUILT_AT = "2025-06-01T03:00:00.000000+00:00"
SECRET_PATH = "/srv/private"
STAGED = f"""
select transaction_id, amount from read_parquet(
    '{SECRET_PATH}/raw/transactions/batch=*/month=*/data.parquet', union_by_name = true
) where occurred_at < '2025-06-01'
"""
PAID = """
with paid as (select * from "warehouse"."staging"."stg_payments"),
final as (select transaction_id as payment_id, amount * 2 as revenue from paid)
select * from final
"""
NODES = [
    Declared("raw.transactions", "raw", columns={"transaction_id": "varchar", "amount": "decimal"}),
    Declared("raw.accounts", "raw"),
    Declared(
        "staging.stg_payments", "staging", reads=("raw.transactions",), compiled="stg_payments.sql",
        columns={"transaction_id": "varchar", "amount": "decimal(18, 2)"},
    ),
    Declared(
        "marts.payments", "mart", "finance", "One row per payment.",
        reads=("staging.stg_payments",), compiled="payments.sql",
        columns={"payment_id": "varchar", "revenue": "decimal(18, 2)"},
    ),
    Declared("marts.people", "mart", "crm", reads=("raw.accounts", "seeds.regions")),
    Declared("marts.broken", "mart", "crm", reads=("marts.people",)),
    Declared("marts.data_readiness", "mart", "crm", reads=("raw.transactions",)),
    Declared("marts.data_map", "mart", "crm", reads=("marts.data_readiness",)),
    Declared("seeds.regions", "seed"),
    Declared("exposures.board", "exposure", "board", reads=("marts.payments", "marts.people")),
]  # fmt: skip
FEEDS = """
feeds:
  - {name: bills, source: transactions, path: 'bills/*.csv', format: csv,
     columns: {transaction_id: id, id_type: "'email'", id_value: mail, occurred_at: day,
               transaction_type: "'charge'", amount: amount, currency: "'EUR'"}}
"""


def small_build(folder: Path) -> Settings:
    """Settings of a home in which the project above was built at BUILT_AT; one model failed."""
    (folder / "feeds.yml").write_text(FEEDS)
    (folder / "policy.yml").write_text("{}\n")
    settings = Settings(
        home=folder / "home", feeds_file=folder / "feeds.yml", policy_file=folder / "policy.yml"
    )
    (settings.state / "lineage").mkdir(parents=True)
    project_file(settings).write_text(json.dumps([_plain(node) for node in NODES]))
    compiled = settings.state / "dbt" / "target" / "compiled"
    compiled.mkdir(parents=True)
    (compiled / "stg_payments.sql").write_text(STAGED)
    (compiled / "payments.sql").write_text(PAID)
    built = settings.state / "build"
    built.mkdir()
    layers = {
        "staging": [("stg_payments", "model", "success", None), ("regions", "seed", "success", 4)],
        "marts": [
            ("payments", "model", "success", 12), ("people", "model", "success", None),
            ("broken", "model", "error", None), ("data_readiness", "model", "success", 1),
            ("data_map", "model", "success", 0), ("payments__add_up", "test", "pass", None),
        ],
    }  # fmt: skip
    for layer, nodes in layers.items():
        told = [
            {"name": name, "kind": kind, "status": status, "rows": rows, "seconds": 1.5,
             "built_at": BUILT_AT} for name, kind, status, rows in nodes
        ]  # fmt: skip
        (built / f"{layer}.json").write_text(json.dumps({"nodes": told}))
    landed = datetime(2025, 5, 31, 22)
    counts = {"delivered_count": 14, "loaded_count": 12}
    batch = {"feed": "bills", "source": "transactions", "status": "accepted", **counts}
    table = pa.Table.from_pylist([batch | {"landed_at": landed}])
    pq.write_table(table, settings.state / "batches.parquet")
    write_entry(
        settings,
        Batch(batch_id="bills-1", delivery="incremental", file_name="bills/may.csv", sequence=1,
              content_hash="0", file_size=1, file_mtime_ns=1, landed_at=f"{landed}+00:00",
              quarantined_count=2, canonical_count=14, **batch),
    )  # fmt: skip
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute("""
            create schema marts;
            create table marts.data_readiness as
            select 'source' as subject_type, 'transactions' as source, 'C' as grade,
                false as is_fresh;
            create view marts.people as select 1 as person from range(7);
            create table marts.data_map (
                from_node varchar, to_node varchar, kind varchar, owner varchar, grade varchar,
                freshness varchar, description varchar, row_count bigint, seconds decimal(9, 2),
                built_at timestamp
            );
        """)
    return settings


def _plain(node: Declared) -> dict[str, object]:
    return {name: getattr(node, name) for name in Declared.__dataclass_fields__}
