"""Faults of whole files: the delivery is refused with a message, and nothing of it is loaded."""

from __future__ import annotations

import gzip
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from landing_home import HEADER, PAYMENTS, Home, payment

from saydo.errors import ConfigError, DeliveryRefused
from saydo.landing import batch as batch_module
from saydo.landing import land_feed

GOOD = "\n".join([HEADER, *(payment(n) for n in range(2000))]) + "\n"


def refused(home: Home) -> str:
    """The message of a refusal that loaded nothing and is in the ledger."""
    with pytest.raises(DeliveryRefused) as error:
        home.land()
    assert home.leftovers() == []
    assert [batch.status for batch in home.ledger()] == ["refused"]
    assert home.ledger()[0].refused_reason in str(error.value)
    assert home.ledger()[0].delivered_count == home.ledger()[0].loaded_count == 0
    return str(error.value)


@pytest.mark.parametrize(
    ("format_", "suffix"),
    [(f, s) for f in ("csv", "json") for s in ("", ".gz", ".zst")] + [("parquet", "")],
)
def test_every_format_and_compression_gives_the_same_rows(
    home: Home, tmp_path: Path, format_: str, suffix: str
) -> None:
    plain = tmp_path / "plain.csv"
    plain.write_text(GOOD)
    file = tmp_path / "landing" / f"payments.{format_}{suffix}"
    compression = {"": "none", ".gz": "gzip", ".zst": "zstd"}[suffix]
    option = "" if format_ == "parquet" else f", compression {compression}"
    duckdb.execute(f"copy (from '{plain}') to '{file}' (format {format_}{option})")
    home.feed(format=format_)
    assert home.land()["loaded_count"] == 2000
    assert home.rows("transaction_id, amount, occurred_at::varchar, _line_number")[1999] == (
        "t1999",
        pytest.approx(1999.50),
        "2024-03-01 10:00:00",
        2001 if format_ == "csv" else 2000,
    )


def test_a_dropped_column_is_named_with_what_needs_it(home: Home) -> None:
    lines = [line.rpartition(",")[0] for line in GOOD.splitlines()]
    home.deliver("\n".join(lines))
    message = refused(home)
    assert "feed payments" in message and "'payments.csv'" in message
    assert "the column 'currency', which currency is made of, is not there" in message
    assert "feeds.payments.columns.currency" in message


def test_a_renamed_column_is_guessed(home: Home) -> None:
    home.deliver(GOOD.replace("amount", "amounts", 1))
    assert "did it become 'amounts'?" in refused(home)


def test_a_new_column_is_reported_once_and_ignored(home: Home) -> None:
    home.deliver_lines(payment(1))
    home.land()
    home.deliver(f"{HEADER},extra\n{payment(2)},x\n", "payments_2.csv")
    home.land()
    assert [batch.warnings for batch in home.ledger()] == [
        [],
        ["new columns, not mapped and ignored: extra"],
    ]
    home.deliver(f"{HEADER},extra\n{payment(3)},x\n", "payments_3.csv")
    home.land()
    assert home.ledger()[-1].warnings == []
    assert len(home.rows()) == 3


def test_a_flipped_type_refuses_the_whole_file_with_its_first_line(home: Home) -> None:
    home.feed(expect={"max_reject_ratio": 0.01})
    home.deliver_lines(payment(1), *(payment(n, amount="twelve") for n in range(2, 12)))
    message = refused(home)
    assert "10 of 11 rows are bad, more than max_reject_ratio 0.01 allows" in message
    assert "line 3: amount cannot be read as an amount with a decimal point (10 rows)" in message
    assert "twelve" not in message


def test_rejects_up_to_the_limit_are_let_through(home: Home) -> None:
    home.feed(expect={"max_reject_ratio": 0.1})
    home.deliver_lines(*(payment(n) for n in range(9)), payment(9, amount="x"))
    assert home.land()["quarantined_count"] == 1


def test_the_ratio_counts_only_rows_the_feed_wants(home: Home) -> None:
    home.feed(where="kind = 'charge'", expect={"max_reject_ratio": 0.1})
    unwanted = [payment(n, kind="refund") for n in range(50)]
    home.deliver_lines(*unwanted, payment(50), payment(51, amount="x"))
    assert "1 of 2 rows are bad" in refused(home)


def test_a_decimal_comma_is_refused(home: Home) -> None:
    home.feed(options={"delim": ";"}, expect={"max_reject_ratio": 0.01})
    home.deliver(GOOD.replace(",", ";").replace(".50", ",50"))
    assert "amount cannot be read as an amount with a decimal point (2000 rows)" in refused(home)


@pytest.mark.parametrize("keep", [0.5, 0.999])
def test_a_cut_off_gzip_is_refused(home: Home, keep: float) -> None:
    whole = gzip.compress(GOOD.encode())
    home.deliver(whole[: int(len(whole) * keep)], "payments.csv.gz")
    assert "cut off or damaged" in refused(home)


def test_a_gzip_of_several_members_is_whole(home: Home) -> None:
    half = GOOD.index("\n", len(GOOD) // 2) + 1
    content = gzip.compress(GOOD[:half].encode()) + gzip.compress(GOOD[half:].encode())
    home.deliver(content, "payments.csv.gz")
    assert home.land()["loaded_count"] == 2000


@pytest.mark.parametrize("keep", [0.5, 0.99])
def test_a_cut_off_zstd_is_refused(home: Home, keep: float) -> None:
    whole = bytes(pa.compress(GOOD.encode(), codec="zstd", asbytes=True))
    home.deliver(whole[: int(len(whole) * keep)], "payments.csv.zst")
    assert "cut off or damaged" in refused(home)


def test_a_cut_off_parquet_is_refused(home: Home, tmp_path: Path) -> None:
    (tmp_path / "plain.csv").write_text(GOOD)
    file = tmp_path / "landing" / "payments.parquet"
    duckdb.execute(f"copy (from '{tmp_path}/plain.csv') to '{file}'")
    file.write_bytes(file.read_bytes()[:-100])
    home.feed(format="parquet")
    assert "cannot be read as parquet" in refused(home)


def test_a_file_of_another_format_is_refused(home: Home) -> None:
    home.deliver(GOOD, "payments.csv.gz")
    assert "payments.csv.gz" in refused(home)


def test_a_header_alone_is_too_few_rows(home: Home) -> None:
    home.deliver(HEADER + "\n")
    assert "holds 0 rows, fewer than the 1 expected" in refused(home)


def test_a_header_alone_is_a_batch_where_no_rows_are_expected(home: Home) -> None:
    home.feed(expect={"min_rows": 0})
    home.deliver(HEADER + "\n")
    assert len(home.land()["landed"]) == 1
    assert home.rows() == []
    assert home.ledger()[0].delivered_count == 0


def test_zero_bytes_are_refused_even_where_no_rows_are_expected(home: Home) -> None:
    home.feed(expect={"min_rows": 0})
    home.deliver("")
    assert "empty (zero bytes)" in refused(home)


def test_a_wrong_delimiter_is_named(home: Home) -> None:
    home.deliver(GOOD.replace(",", ";"))
    message = refused(home)
    assert "wrong delimiter" in message and "';'" in message


def test_a_file_that_changes_while_it_is_read_is_refused(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = home.deliver(GOOD)
    original = batch_module.check_unchanged

    def grow_then_check(*arguments: object) -> None:
        with file.open("a") as handle:
            handle.write(payment(5000) + "\n")
        original(*arguments)

    monkeypatch.setattr(batch_module, "check_unchanged", grow_then_check)
    assert "it changed while it was read" in refused(home)


def test_a_column_named_twice_is_refused(home: Home) -> None:
    home.deliver(GOOD.replace("kind", "ID", 1))
    assert "names a column twice: id" in refused(home)


def test_a_good_file_is_landed_beside_a_bad_one(home: Home) -> None:
    home.deliver("", "payments_1.csv")
    home.deliver_lines(payment(1), name="payments_2.csv")
    with pytest.raises(DeliveryRefused, match="payments_1"):
        home.land()
    assert len(home.rows()) == 1
    with pytest.raises(DeliveryRefused, match="payments_1"):
        home.land()
    assert len(home.rows()) == 1
    home.deliver_lines(payment(2), name="payments_1.csv")
    assert home.land()["loaded_count"] == 1


def test_an_unknown_option_names_the_nearest(home: Home) -> None:
    home.feed(options={"delimm": ";"})
    home.deliver(GOOD)
    with pytest.raises(ConfigError, match="unknown csv option 'delimm'; did you mean 'delim'"):
        home.land()


def test_options_are_values_and_never_sql(home: Home, tmp_path: Path) -> None:
    stolen = tmp_path / "stolen"
    hostile = f"x']); copy (select 1) to '{stolen}' --"
    home.feed(options={"nullstr": hostile})
    home.deliver(GOOD)
    assert home.land()["loaded_count"] == 2000
    assert not stolen.exists()


@pytest.mark.parametrize(
    "name",
    ["payments'; drop table x; --.csv", "payments{{ env_var('HOME') }}.csv", "payments[1]*?.csv"],
)
def test_a_hostile_file_name_is_only_a_name(home: Home, name: str) -> None:
    home.deliver_lines(payment(1), payment(2, amount="x"), name=name)
    assert home.land()["loaded_count"] == 1
    assert home.quarantined("file_name, line_number") == [(name, 3)]


def test_a_link_out_of_landing_is_refused(home: Home, tmp_path: Path) -> None:
    (tmp_path / "outside.csv").write_text(GOOD)
    (tmp_path / "landing" / "payments.csv").symlink_to(tmp_path / "outside.csv")
    with pytest.raises(DeliveryRefused, match=r"it leads out of landing/"):
        home.land()
    assert home.leftovers() == []


@pytest.mark.parametrize("path", ["../*.csv", "/etc/passwd"])
def test_a_path_out_of_landing_is_a_configuration_error(home: Home, path: str) -> None:
    home.feed(path=path)
    with pytest.raises(ConfigError, match="a glob below landing/"):
        home.land()


def test_an_unknown_feed_names_the_nearest(home: Home) -> None:
    with pytest.raises(ConfigError, match="did you mean 'payments'"):
        land_feed(home.settings, "payment")


def test_the_constant_feed_of_these_tests_is_clean(home: Home) -> None:
    home.feed(PAYMENTS, expect={"max_reject_ratio": 0})
    home.deliver(GOOD)
    assert home.land()["loaded_count"] == 2000
    assert home.ledger()[0].warnings == []
