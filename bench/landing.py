"""Landing a 10-million-row CSV against a bare DuckDB COPY with the same types, and against dlt."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import duckdb

from bench.harness import Command, Comparison, apart, interleave

ROWS = 10_000_000
SCRIPT = Path(__file__).with_name("landing_dlt.py")
KEY = {"SAYDO_PSEUDONYM_KEY": "the same for both, so that their hashes can be compared"}
DLT = {"DATA_WRITER__BUFFER_MAX_ITEMS": "1000000", "RUNTIME__DLTHUB_TELEMETRY": "false"}
COMPARED = "transaction_id, id_key, occurred_at, transaction_type, product_code, amount, currency"

FEEDS = """
business: {timezone: UTC, reporting_currency: EUR}
feeds:
  - name: ledger
    source: transactions
    path: ledger_*.csv
    format: csv
    columns:
      transaction_id: transaction_id
      id_type: "'account_id'"
      id_value: account_no
      occurred_at: booked_at
      transaction_type: kind
      product_code: product
      amount: amount
      currency: currency
"""

COPY = """
copy (
    select * from read_csv('{csv}', header = true, columns = {{
        'transaction_id': 'varchar', 'account_no': 'varchar', 'booked_at': 'timestamp',
        'kind': 'varchar', 'product': 'varchar', 'amount': 'decimal(18,6)',
        'currency': 'varchar'}})
) to '{out}' (format parquet)
"""


def generate(csv: Path, rows: int) -> None:
    """Write the CSV: `rows` transactions of rows/100 accounts over one year."""
    csv.parent.mkdir(parents=True, exist_ok=True)
    duckdb.sql(
        f"""
        copy (
            select
                'T' || lpad(cast(i as varchar), 9, '0') as transaction_id,
                'A' || lpad(cast(hash(i) % {max(rows // 100, 1)} as varchar), 8, '0') as account_no,
                timestamp '2025-01-01' + to_seconds(cast(hash(i + 7) % 31536000 as integer))
                    as booked_at,
                case hash(i + 3) % 10 when 0 then 'refund' when 1 then 'credit' when 2 then
                    'one_off' when 3 then 'payment' else 'charge' end as kind,
                'P' || (hash(i + 5) % 20) as product,
                cast(hash(i + 9) % 10000 as decimal(18, 2)) / 100 as amount,
                'EUR' as currency
            from range({rows}) as numbers(i)
        ) to '{csv}' (format csv, header true)
        """
    )


def assert_same(ours: Path, theirs: Path) -> None:
    """Compare what Saydo and dlt landed: the columns' types, and all rows by their hashes.

    Raises:
        AssertionError: they differ.
    """
    found = []
    for place in (ours, theirs):
        landed = f"select {COMPARED} from read_parquet('{place}/**/*.parquet')"
        types = [row[:2] for row in duckdb.sql(f"describe {landed}").fetchall()]
        rows = duckdb.sql(f"select count(*), bit_xor(hash(landed)) from ({landed}) as landed")
        found.append((types, rows.fetchone()))
    if found[0] != found[1]:
        raise AssertionError(f"Saydo and dlt landed other rows or types: {found}")


def measure(scratch: Path, runs: int, rows: int = ROWS) -> list[Comparison]:
    """Land the CSV in a fresh home each time, in turn with the bare COPY and with dlt."""
    home, out, landed = scratch / "home", scratch / "bare.parquet", scratch / "dlt"
    theirs = landed / "landed" / "raw" / "transactions"
    csv = scratch / f"ledger_{rows}.csv"
    if not csv.exists():
        apart(generate, csv, rows)
    (scratch / "feeds.yml").write_text(FEEDS)

    def fresh_home() -> None:
        shutil.rmtree(home, ignore_errors=True)
        (home / "landing").mkdir(parents=True)
        (home / "landing" / csv.name).hardlink_to(csv)

    land = "from saydo.landing import land_feed; from saydo.settings import Settings; "
    bare = f"import duckdb; duckdb.sql({COPY.format(csv=csv, out=out)!r})"
    timed = interleave(
        {
            "land": Command(
                [sys.executable, "-c", land + "land_feed(Settings(), 'ledger')"],
                {"SAYDO_HOME": str(home), "SAYDO_FEEDS_FILE": str(scratch / "feeds.yml"), **KEY},
                reset=fresh_home,
            ),
            "bare COPY": Command(
                [sys.executable, "-c", bare], reset=lambda: out.unlink(missing_ok=True)
            ),
            "dlt": Command(
                [sys.executable, str(SCRIPT), str(csv), str(landed)],
                {**DLT, **KEY},
                reset=lambda: shutil.rmtree(landed, ignore_errors=True),
                verify=lambda: apart(assert_same, home / "raw/transactions", theirs),
            ),
        },
        runs,
    )
    what = f"landing a CSV of {rows:,} rows"
    return [
        Comparison(
            what, timed["land"], timed["bare COPY"], 2.5, "bare DuckDB COPY with the same types"
        ),
        Comparison(
            what, timed["land"], timed["dlt"], 1.0,
            "dlt at its fastest: Arrow batches, the same types and hashes, nothing checked",
        ),
    ]  # fmt: skip
