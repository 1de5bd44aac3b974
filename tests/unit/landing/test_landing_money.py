"""Money is landed with six decimals, and none that was written is lost."""

from __future__ import annotations

import random
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import duckdb
import yaml
from landing_home import Home, payment

from saydo.landing import replay_batch
from saydo.settings import PROJECT


def amount_of(chance: random.Random) -> str:
    decimals = chance.randrange(0, 10)
    whole = chance.choice(["0", "1", "12", str(chance.randrange(10**4))])
    part = "".join(chance.choice("0012345678900") for _ in range(decimals))
    return chance.choice(["", " "]) + (f"{whole}.{part}" if decimals else whole)


def rounded(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.000001"), ROUND_HALF_UP)


def test_an_amount_lands_as_written_or_not_at_all(home: Home) -> None:
    chance = random.Random(11)
    texts = [amount_of(chance) for _ in range(500)]
    texts += [
        "999999999999.999999",
        "0.000000000000123",
        "2.5e-05",
        "2.5e-07",
        "1.25E-3",
        "0.000001",
        "0.0000001",
    ]
    home.deliver_lines(*(payment(n, amount=text) for n, text in enumerate(texts)))
    home.land()
    exact = {line: Decimal(text.strip()) for line, text in enumerate(texts, 2)}
    fits = {line: value for line, value in exact.items() if value == rounded(value)}
    assert dict(home.rows("_line_number, amount")) == fits
    assert home.quarantined("line_number, reason_code") == [
        (line, "too_many_decimals") for line in sorted(exact.keys() - fits.keys())
    ]


def test_digits_that_nobody_wrote_are_rounded(home: Home) -> None:
    """As programs write floating-point numbers: 17 digits, of which the last are noise."""
    amounts = [0.1 + 0.2, 1234.4899999999998, 100 / 1.2, 0.07 * 3]
    home.deliver_lines(*(payment(n, amount=repr(value)) for n, value in enumerate(amounts)))
    home.land()
    assert home.rows("amount") == [(rounded(Decimal(value)),) for value in amounts]


def test_small_charges_add_up(home: Home) -> None:
    home.deliver_lines(*(payment(n, amount="0.0025") for n in range(400)))
    home.land()
    assert home.rows("amount") == [(Decimal("0.0025"),)] * 400


def test_a_computed_amount_is_rounded_and_a_vanishing_one_is_not(home: Home) -> None:
    home.feed(format="parquet")
    query = (
        "select 't' || n as id, 'a@b.c' as mail, date '2024-01-01' as paid, 'charge' as kind, "
        "{} as amount, 'EUR' as currency from (values {}) as given(n, value)"
    )
    for name, column, values in (
        ("payments_1", "value::double", "(1, 10 / 3.0), (2, 0.1 + 0.2), (3, 0.0000025)"),
        ("payments_2", "value::decimal(18,8)", "(4, 1.5), (5, 0.00000125)"),
    ):
        file = home.folder / "landing" / f"{name}.parquet"
        duckdb.execute(f"copy ({query.format(column, values)}) to '{file}'")
    home.land()
    assert home.rows("transaction_id, amount") == [
        ("t1", Decimal("3.333333")),
        ("t2", Decimal("0.3")),
        ("t4", Decimal("1.5")),
    ]
    assert home.quarantined("reason_code") == [("too_many_decimals",)] * 2


def as_of_before(file: Path) -> None:
    """Rewrite a batch's file as it was when money had two decimals."""
    beside = file.with_suffix(".new")
    duckdb.execute(
        f"copy (select * replace (amount::decimal(18,2) as amount) from read_parquet('{file}', "
        f"hive_partitioning = false)) to '{beside}' (format parquet)"
    )
    beside.rename(file)


def test_batches_of_two_and_of_six_decimals_are_read_together(home: Home) -> None:
    """Through the models' own source, and by a replay that repeats a snapshot of before."""
    home.feed(delivery="snapshot")
    home.deliver_lines(payment(1, amount="1.25"), payment(2, kind="gift", amount="0.0025"))
    home.land()
    (batch,) = home.ledger()
    (file,) = (home.folder / "raw" / "transactions").glob("batch=payments*/*/data.parquet")
    as_of_before(file)
    home.feed(delivery="snapshot", columns={"transaction_type": "replace(kind, 'gift', 'charge')"})
    replay_batch(home.settings, batch.batch_id)
    sources = yaml.safe_load((PROJECT / "dbt_project/models/sources.yml").read_text())["sources"]
    (raw,) = (source for source in sources if source["name"] == "raw")
    location = raw["config"]["meta"]["external_location"].format(identifier="transactions")
    query = location.replace("{ env_var('SAYDO_DBT_RAW', 'target/raw') }", f"{home.folder}/raw")
    rows = duckdb.sql(f"select batch, amount from {query} order by batch, amount").fetchall()
    amounts = [amount for _, amount in rows]
    assert amounts == [Decimal("1.25"), Decimal("0.0025"), Decimal("1.25")]
    assert sum(amounts) == Decimal("2.5025")
