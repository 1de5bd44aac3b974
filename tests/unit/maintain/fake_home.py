"""A home whose raw layer holds three persons, as landing leaves it."""

import hashlib
import json

import duckdb

from saydo.contract import SOURCES, landed_columns
from saydo.landing.ledger import Batch, read_ledger, write_entry
from saydo.landing.pseudonyms import hash_identifier
from saydo.settings import Settings


def customer(number: int) -> str:
    return f"c_{number:016d}"


def account(number: int) -> str:
    """The account of a customer, as the fake candidate's registry has it."""
    return hashlib.md5(customer(number).encode()).hexdigest()


class Home:
    """Writes batches and reads back what is left of them."""

    def __init__(self, settings: Settings):
        self.settings = settings
        self.sequence = max((entry.sequence for entry in read_ledger(settings)), default=0)

    def key(self, id_type: str, value: str) -> str:
        return hash_identifier(self.settings, id_type, value)

    def change(self, sql: str) -> None:
        with duckdb.connect(str(self.settings.warehouse)) as connection:
            connection.execute(sql)

    def land(self, source: str, rows: list[dict], month: str = "all", **changes) -> str:
        """Write rows (missing columns null) as an accepted batch, and its ledger entry."""
        self.sequence += 1
        batch_id = f"{changes.get('feed', source)}-{self.sequence:012d}"
        columns = landed_columns(SOURCES[source])
        plumbing = {"_feed": source, "_batch_id": batch_id, "_batch_sequence": self.sequence}
        full = [
            dict.fromkeys(columns) | row | plumbing | {"_line_number": line}
            for line, row in enumerate(rows, 2)
        ]
        typed = ", ".join(f"cast({name} as {kind}) as {name}" for name, kind in columns.items())
        folder = self.settings.raw / source / f"batch={batch_id}" / f"month={month}"
        folder.mkdir(parents=True)
        lines = self.settings.home / "rows.json"
        lines.write_text("\n".join(json.dumps(row) for row in full) or "{}")
        with duckdb.connect() as connection:
            connection.execute(
                f"copy (select {typed} from read_json($rows, format = 'nd', columns = "
                f"{dict.fromkeys(columns, 'VARCHAR')}) limit {len(full)}) "
                "to $file (format parquet, compression zstd)",
                {"rows": str(lines), "file": str(folder / "data.parquet")},
            )
        entry = {
            "batch_id": batch_id, "feed": source, "source": source, "delivery": "incremental",
            "file_name": f"{source}.csv", "content_hash": batch_id, "file_size": 1,
            "file_mtime_ns": 1, "status": "accepted", "sequence": self.sequence,
            "landed_at": "2025-01-01T00:00:00+00:00", "delivered_count": len(rows) + 1,
            "loaded_count": len(rows), "quarantined_count": 1,
        }  # fmt: skip
        write_entry(self.settings, Batch(**(entry | changes)))
        return batch_id

    def fill(self) -> None:
        """Person 2 has the number that person 1 had until 2024; 2 and 3 share an e-mail."""
        number, mail = self.key("msisdn", "447700900001"), self.key("email", "home@example.org")
        own = self.key("email", "one@example.org")
        for source in SOURCES:
            self.land(source, [])
        self.land(
            "accounts",
            [{"account_key": account(n), "opened_at": "2020-01-01"} for n in (1, 2, 3)],
        )
        self.land(
            "account_identifiers",
            [
                self.span(1, "msisdn", number, "2020-01-01", "2024-01-01"),
                self.span(1, "email", own, "2020-01-01", None),
                self.span(2, "msisdn", number, "2024-03-01", None),
                self.span(2, "email", mail, None, None),
                self.span(3, "email", mail, None, None),
            ],
        )
        self.land(
            "transactions",
            [
                self.charge("t1", "msisdn", number, "2023-05-01"),
                self.charge("t2", "msisdn", number, "2024-05-01"),
                self.charge("t3", "email", own, "2024-05-01"),
                self.charge("t4", "account_id", account(1), "2024-05-01"),
                self.charge("t5", "account_id", account(3), "2024-05-01"),
            ],
            month="2024-05",
        )
        self.write(
            self.settings.restricted / "accounts" / "accounts-1.parquet",
            f"select * from (values ('{account(1)}', 'Ann'), ('{account(2)}', 'Ben')) "
            "t(account_key, given_name)",
        )
        (self.settings.restricted / "accounts" / "accounts-1.parquet").chmod(0o600)
        store = self.settings.restricted / "account_identifiers"
        contacts = store / "account_identifiers-1.parquet"
        self.write(
            contacts,
            f"select * from (values ('{account(1)}', 'one@example.org'), "
            f"('{account(2)}', 'home@example.org'), ('{account(3)}', 'home@example.org')) "
            "t(account_key, clear_value)",
        )
        contacts.chmod(0o600)
        self.write(
            self.settings.quarantine / "transactions" / "transactions-1.parquet",
            """select * from (values
            ('{"phone": "+44 7700 900001", "amount": "x"}', 4), ('7;ONE@example.org ;x', 5),
            ('{"mail": "home@example.org", "amount": "x"}', 6)) t(raw_text, line_number)""",
        )

    def write(self, file, sql: str) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        with duckdb.connect() as connection:
            connection.execute(f"copy ({sql}) to ? (format parquet)", [str(file)])

    @staticmethod
    def span(number: int, id_type: str, id_key: str, start: str | None, end: str | None) -> dict:
        return {
            "account_key": account(number), "id_type": id_type, "id_key": id_key,
            "valid_from_at": start, "valid_to_at": end,
        }  # fmt: skip

    @staticmethod
    def charge(transaction_id: str, id_type: str, id_key: str, day: str) -> dict:
        return {
            "transaction_id": transaction_id, "id_type": id_type, "id_key": id_key,
            "occurred_at": day, "transaction_type": "charge", "amount": "1.00", "currency": "GBP",
        }  # fmt: skip

    def ask(self, request_id: str, id_type: str, id_key: str, day="2025-03-01", **changes) -> str:
        """Land an erasure request."""
        row = {"request_id": request_id, "id_type": id_type, "id_key": id_key}
        return self.land("erasure_requests", [row | {"requested_at": day}], **changes)

    def left(self, source: str, column: str) -> list:
        """A column's values over all batches of a source, sorted."""
        return self.read(self.settings.raw / source / "batch=*/month=*/data.parquet", column)

    def read(self, file, column: str) -> list:
        with duckdb.connect() as connection:
            rows = connection.execute(
                f"select {column} from read_parquet(?, hive_partitioning = false) order by 1",
                [str(file)],
            ).fetchall()
        return [value for (value,) in rows]

    def assert_reconciled(self) -> None:
        """Every batch adds up, and holds as many rows as its entry says."""
        for entry in read_ledger(self.settings):
            assert entry.delivered_count == (
                entry.loaded_count
                + entry.quarantined_count
                + entry.duplicate_count
                + entry.filtered_count
            )
            if entry.status == "accepted":
                folder = self.settings.raw / entry.source / f"batch={entry.batch_id}"
                held = self.read(folder / "month=*/data.parquet", "_line_number")
                assert len(held) == entry.loaded_count
