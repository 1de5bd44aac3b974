"""`file_name` and `line_number`: where a row was delivered, for the expressions that ask."""

from __future__ import annotations

import gzip
import random

import duckdb
import pytest
from landing_home import HEADER, Home, payment

from saydo.landing import examine_feeds, replay_batch

PLACED = {"transaction_id": "file_name || ':' || line_number", "product_code": "line_number"}


def placed(home: Home) -> list[tuple[str, str, int]]:
    return home.rows("transaction_id, product_code, _line_number")


def test_equal_rows_of_a_file_without_a_key_are_rows_of_their_own(home: Home) -> None:
    home.feed(path="in/payments*", columns=PLACED)
    home.deliver_lines(payment(1), payment(1), payment(2), name="in/payments.csv")
    home.land()
    assert placed(home) == [(f"in/payments.csv:{n}", f"{n}", n) for n in (2, 3, 4)]
    assert home.ledger()[0].warnings == []
    assert [problem for problem in examine_feeds(home.settings) if not problem.is_note] == []


@pytest.mark.parametrize("seed", range(4))
def test_the_line_is_the_editors_whatever_stands_between(home: Home, seed: int) -> None:
    """Blank lines, breaks in quotes, lines that cannot be split or that `where` leaves out."""
    chance = random.Random(seed)
    home.feed(columns=PLACED, where="kind <> 'refund'")
    lines, expected, at = [], [], 2
    for number in range(60):
        kind = chance.choice(["good", "good", "blank", "quoted", "split", "bad", "refund"])
        text = {
            "blank": "",
            "quoted": payment(number, currency='"GBP\n"'),
            "split": payment(number) + ",more",
            "bad": payment(number, amount="x"),
            "refund": payment(number, kind="refund"),
        }.get(kind, payment(number))
        lines.append(text)
        if kind == "good":
            expected.append((f"payments.csv.gz:{at}", f"{at}", at))
        at += 1 + text.count("\n")
    content = "\n".join((HEADER, *lines)).encode() + b"\n"
    home.deliver(gzip.compress(content), "payments.csv.gz")
    home.land()
    assert placed(home) == expected


def test_a_replayed_row_has_the_place_it_was_delivered_at(home: Home) -> None:
    home.feed(columns=PLACED)
    home.deliver_lines(payment(1), "", payment(1, kind="gift"), payment(1))
    home.land()
    (batch,) = home.ledger()
    home.feed(columns=PLACED | {"transaction_type": "replace(kind, 'gift', 'charge')"})
    assert replay_batch(home.settings, batch.batch_id)["loaded_count"] == 1
    assert sorted(placed(home)) == [(f"payments.csv:{n}", f"{n}", n) for n in (2, 4, 5)]


def test_records_of_parquet_and_json_are_numbered_too(home: Home) -> None:
    row = "'a@b.c' as mail, date '2024-01-01' as paid, 'charge' as kind, 1 as amount"
    row += ", 'EUR' as currency"
    for kind in ("parquet", "json"):
        home.feed(name=kind, path=f"*.{kind}", format=kind, columns=PLACED)
        file = home.folder / "landing" / f"payments.{kind}"
        duckdb.execute(f"copy (select {row} from range(3)) to '{file}' (format {kind})")
        home.land()
    assert [line for *_, line in placed(home)] == [1, 2, 3, 1, 2, 3]
    assert placed(home)[-1] == ("payments.json:3", "3", 3)


def test_a_column_of_that_name_is_the_files_own_and_feeds_check_says_so(home: Home) -> None:
    home.feed(columns=PLACED | {"transaction_id": "id"})
    home.deliver(f"{HEADER},Line_Number\n{payment(1)},A7\n")
    home.land()
    assert placed(home) == [("t1", "A7", 2)]
    assert any(
        "line_number is a column of the file" in p.reason for p in examine_feeds(home.settings)
    )


def test_only_what_asks_for_a_line_is_staged_twice(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    from saydo.landing import places

    def never(*_: object) -> None:
        raise AssertionError("the delivered columns were staged")

    monkeypatch.setattr(places, "numbered", never)
    home.feed(columns={"transaction_id": "file_name || id"})
    home.deliver_lines(payment(1))
    home.land()
    assert home.rows("transaction_id") == [("payments.csvt1",)]
