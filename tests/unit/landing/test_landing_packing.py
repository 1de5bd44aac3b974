"""Text of few values is held as numbers: the rows are the same, and no other value is told."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from landing_home import HEADER, Home, payment

from saydo.landing import commit, packing

CURRENCIES = ("GBP", "EUR", "USD")


def files(home: Home) -> list[str]:
    return [str(f) for f in home.folder.glob("raw/transactions/batch=payments*/*/data.parquet")]


def test_text_that_repeats_is_packed_and_other_text_is_not(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    types: dict[str, str] = {}

    def spied(connection: duckdb.DuckDBPyConnection, *arguments: Any) -> None:
        packing.pack(connection, *arguments)
        found = connection.execute("describe staged").fetchall()
        types.update((name, type_) for name, type_, *_ in found)

    monkeypatch.setattr(commit, "pack", spied)
    home.deliver_lines(*(payment(n, currency=CURRENCIES[n % 3]) for n in range(300)))
    home.land()
    assert types["currency"].startswith("ENUM")
    assert types["transaction_id"] == "VARCHAR"
    assert home.rows("currency") == [(CURRENCIES[n % 3],) for n in range(300)]


@pytest.mark.parametrize("fault", [{"amount": "much"}, {"kind": "gift"}])
def test_no_value_of_a_quarantined_row_is_in_raw(home: Home, fault: dict[str, str]) -> None:
    home.feed(columns={"product_code": "currency", "currency": "'GBP'"})
    home.deliver_lines(
        *(payment(n) for n in range(300)), payment(300, currency="zz-a-secret", **fault)
    )
    home.land()
    assert home.quarantined("line_number") == [(302,)]
    for file in files(home):
        assert b"zz-a-secret" not in Path(file).read_bytes()
    (highest,) = duckdb.execute(
        "select max(stats_max_value) from parquet_metadata(?) where path_in_schema = ?",
        [files(home), "product_code"],
    ).fetchone()
    assert highest == "GBP"


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    values=st.lists(st.sampled_from(["", " ", "a", "b", "'", '"', "é", "名"]), min_size=1),
    copies=st.integers(1, 60),
)
def test_rows_are_the_same_packed_or_not(home: Home, values: list[str], copies: int) -> None:
    home.feed(columns={"product_code": "product"})
    delivered = [
        (n, value) for n, value in enumerate(value for _ in range(copies) for value in values)
    ]
    lines = [f'{payment(n)},"{value.replace(chr(34), chr(34) * 2)}"' for n, value in delivered]
    home.deliver("\n".join([f"{HEADER},product", *lines]) + "\n")
    home.land()
    latest = home.ledger()[-1].batch_id
    found = duckdb.execute(
        "select cast(transaction_id[2:] as integer), product_code from read_parquet(?) "
        "order by _line_number",
        [f"{home.folder}/raw/transactions/batch={latest}/*/data.parquet"],
    ).fetchall()
    plain = duckdb.execute(
        "select cast(id[2:] as integer), product from read_csv(?, header = true, all_varchar = "
        "true, auto_detect = false, delim = ',', quote = '\"', escape = '\"', columns = "
        "{'id': 'VARCHAR', 'mail': 'VARCHAR', 'paid': 'VARCHAR', 'kind': 'VARCHAR', "
        "'amount': 'VARCHAR', 'currency': 'VARCHAR', 'product': 'VARCHAR'})",
        [str(home.folder / "landing" / "payments.csv")],
    ).fetchall()
    assert found == plain


def test_a_landing_does_not_wait_for_pandas(home: Home) -> None:
    home.deliver_lines(payment(1), payment(2, amount="much"))
    home.settings  # noqa: B018 - writes feeds.yml
    land = (
        "import sys; from pathlib import Path; from saydo.landing import land_all; "
        "from saydo.settings import Settings; folder = Path(sys.argv[1]); "
        "land_all(Settings(home=folder, feeds_file=folder / 'feeds.yml')); "
        "sys.exit('pandas' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", land, str(home.folder)], check=True, timeout=120)
