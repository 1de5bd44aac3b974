"""A tiny business in a temporary home, whose feed and deliveries each test writes itself."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import yaml

from saydo.landing import Batch, land_feed, prepare_raw, read_ledger
from saydo.settings import Settings

NOW = datetime(2024, 6, 30, 12, tzinfo=UTC)

PAYMENTS: dict[str, Any] = {
    "name": "payments",
    "source": "transactions",
    "path": "payments*",
    "format": "csv",
    "columns": {
        "transaction_id": "id",
        "id_type": "'email'",
        "id_value": "mail",
        "occurred_at": "paid",
        "transaction_type": "kind",
        "amount": "amount",
        "currency": "currency",
    },
    "expect": {"max_reject_ratio": 1},
}
HEADER = "id,mail,paid,kind,amount,currency"


def payment(number: int, **values: str) -> str:
    """One good line of the payments file, unless told otherwise."""
    row = {
        "id": f"t{number}",
        "mail": f"p{number}@example.com",
        "paid": "2024-03-01 10:00:00",
        "kind": "charge",
        "amount": f"{number}.50",
        "currency": "GBP",
    } | values
    return ",".join(row.values())


class Home:
    """A home with one feed; `land` lands it at a fixed clock."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config: dict[str, Any] = {}
        self.environment: dict[str, Any] = {}
        self.policy: dict[str, Any] = {}
        self.feed()

    def feed(self, base: dict[str, Any] = PAYMENTS, **changes: Any) -> None:
        columns = base["columns"] | changes.pop("columns", {})
        columns = {name: sql for name, sql in columns.items() if sql is not None}
        self.config["feeds"] = [{**base, **changes, "columns": columns}]

    @property
    def settings(self) -> Settings:
        file = self.folder / "feeds.yml"
        file.write_text(yaml.safe_dump(self.config))
        given = {"threads": 2, "memory_limit": "1GB"} | self.environment
        if self.policy:
            given["policy_file"] = self.folder / "policy.yml"
            given["policy_file"].write_text(yaml.safe_dump(self.policy))
        return Settings(home=self.folder, feeds_file=file, **given)

    def deliver(self, content: str | bytes, name: str = "payments.csv") -> Path:
        file = self.folder / "landing" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return file

    def deliver_lines(self, *lines: str, name: str = "payments.csv") -> Path:
        return self.deliver("\n".join((HEADER, *lines)) + "\n", name)

    def land(self) -> dict[str, Any]:
        settings = self.settings
        prepare_raw(settings)
        return land_feed(settings, self.config["feeds"][0]["name"], now=NOW)

    def ledger(self) -> list[Batch]:
        return read_ledger(self.settings)

    def rows(self, columns: str = "*", source: str = "transactions") -> list[tuple[Any, ...]]:
        return duckdb.execute(
            f"select {columns} from read_parquet(?, hive_partitioning = true) "
            "order by _batch_sequence, _line_number",
            [f"{self.folder}/raw/{source}/batch=*/month=*/data.parquet"],
        ).fetchall()

    def quarantined(self, columns: str) -> list[tuple[Any, ...]]:
        files = [str(file) for file in (self.folder / "quarantine").glob("*/*.parquet")]
        if not files:
            return []
        return duckdb.execute(
            f"select {columns} from read_parquet(?) order by line_number", [files]
        ).fetchall()

    def leftovers(self) -> list[Path]:
        """Data of any batch, wherever it is."""
        stores = [self.folder / store for store in ("raw", "quarantine", "restricted")]
        return [
            file
            for store in stores
            for file in store.rglob("*.parquet")
            if "batch=none" not in str(file)
        ]
